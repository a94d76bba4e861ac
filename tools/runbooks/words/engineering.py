"""The trades behind a platform, in English, Spanish and Portuguese: a table like that of `concepts`.

Sections follow the glossaries of the systems that they are about: Kubernetes (kubernetes.io/docs/reference/glossary),
Prometheus (prometheus.io/docs/introduction/glossary), PostgreSQL (appendix "Glossary" of its manual), Apache Kafka's
documentation, Google's "Site Reliability Engineering", MLflow, Feast, NVIDIA's DCGM, and the card schemes' words.
"""

from __future__ import annotations

ENGINEERING = """
saturation saturated overloaded overload running_hot at_capacity maxed_out overwhelmed drowning swamped starved starve
  | saturar saturado sobrecargado al_limite desbordado no_da_abasto no_dan_abasto | saturar saturado sobrecarregado
  no_limite nao_da_conta nao_dao_conta sobrecarga
latency slow response_time p95 p99 slow_down sluggish takes_longer slower | latencia lento tiempo_de_respuesta
  lentitud tarda_mas | latencia lento tempo_de_resposta lentidao demora_mais devagar
backlog queue pile_up piling_up accumulate accumulates piled_up queued_up build_up | acumulacion acumular cola
  amontonarse pendientes | acumulo acumular fila amontoar pendentes
lag behind catch_up never_catches_up fall_behind falls_behind keep_up offset | retraso atras rezago quedarse_atras
  ponerse_al_dia | atraso atras ficar_para_tras acompanhar
outage downtime incident down interruption disruption | caida interrupcion corte | queda interrupcao indisponibilidade
error_budget slo objective sla service_level | presupuesto_de_errores objetivo nivel_de_servicio | orcamento_de_erros
  objetivo nivel_de_servico
on_call oncall pager duty | guardia de_guardia | plantao de_plantao
postmortem retrospective incident_review | analisis_posterior | analise_posterior
workload load job | carga_de_trabajo | carga_de_trabalho
scale_out scale_up autoscale scale replica more_instances | escalar | escalar
replica instance copy pod | replica instancia copia | replica instancia copia
node machine host server box computer instance | nodo maquina servidor equipo ordenador | no nodo maquina servidor
  computador
container image docker | contenedor imagen | conteiner contentor imagem
volume mount disk storage | volumen montaje | volume montagem
node_pool pool group | grupo_de_nodos | grupo_de_nos
label annotation tag | etiqueta anotacion | rotulo etiqueta anotacao
taint toleration | mancha tolerancia | mancha tolerancia
admission webhook | admision | admissao
sidecar helper | acompanante | auxiliar
liveness readiness probe health_check | sonda prueba_de_vida comprobacion_de_estado | sonda verificacao_de_integridade
autoscaler autoscaling hpa scaling | autoescalador autoescalado | autoescalador escalonamento_automatico
maintenance housekeeping upkeep cleanup | mantenimiento limpieza | manutencao limpeza
compaction compact merge_blocks | compactacion | compactacao
retention keep expire | retencion | retencao
scrape collect pull poll | raspar recolectar sondear | raspar coletar sondar
exporter collector agent | exportador recolector | exportador coletor
remote_write remote_storage | escritura_remota almacenamiento_remoto | escrita_remota gravacao_remota
  armazenamento_remoto
alert notification notice warning page | alerta notificacion aviso | alerta notificacao aviso
receiver integration channel destination recipient | receptor integracion canal destino destinatario | receptor
  integracao canal destino destinatario
silence mute inhibit | silenciar inhibir | silenciar inibir
rule_evaluation recording_rule | evaluacion_de_reglas | avaliacao_de_regras
leader primary master elect leads lead | lider principal eleccion maestro | lider principal eleicao mestre
quorum majority consensus | quorum mayoria consenso | quorum maioria consenso
member peer participant | miembro participante | membro participante
fsync flush sync_to_disk | sincronizar_en_disco | sincronizar_em_disco
failover switchover | conmutacion conmutar | comutacao comutar
replication standby replica follower | replicacion seguidor | replicacao seguidor
transaction statement query | transaccion sentencia consulta | transacao instrucao consulta
lock locked blocked wait deadlock | bloqueo bloqueado candado interbloqueo | bloqueio bloqueado trava impasse
migration alter_table ddl schema_change migrate | migracion migrar | migracao migrar
vacuum bloat dead_tuple | limpieza tuplas_muertas | limpeza tuplas_mortas
connection_pool too_many_connections connections | conexiones agotamiento_de_conexiones | conexoes
  esgotamento_de_conexoes
shared_buffer cache memory | memoria_compartida | memoria_compartilhada
backup dump archive restore | respaldo copia_de_seguridad archivar | backup copia_de_seguranca arquivar
cache redis memcached lookup hit_rate | cache memoria_intermedia | cache memoria_intermediaria
stampede thundering_herd cold_cache empty_cache warm | avalancha estampida cache_fria | avalanche estouro cache_frio
broker kafka queue topic stream | intermediario tema | intermediario topico
consumer consumer_group reader subscriber listener | consumidor grupo_de_consumidores lector suscriptor | consumidor
  grupo_de_consumidores leitor assinante
producer publisher writer upstream sender | productor publicador emisor | produtor publicador remetente
message event record | mensaje evento registro | mensagem evento registro
dead_letter dead_letter_queue reject discard skipped | cola_de_descartados mensajes_descartados carta_muerta |
  fila_de_descartados mensagens_descartadas mensagens_mortas
deserialise deserialize parse decode unmarshal unreadable | deserializar interpretar decodificar analizar |
  desserializar interpretar decodificar analisar
serialise serialize encode avro protobuf json | serializar codificar | serializar codificar
schema structure field format contract column | esquema estructura campo | esquema estrutura campo
dns name_resolution resolve hostname nameserver | resolucion_de_nombres dominio | resolucao_de_nomes dominio
certificate tls ssl x509 https handshake cert | certificado | certificado
expire expired lapse lapsed run_out not_valid no_longer_valid not_after outdated_certificate | vencer vence vencio
  vencido caducar caduco caducado expirar expiro | vencer venceu vencido expirar expirou caducar
network packet connection link | red paquete enlace | rede pacote enlace
packet_loss drop retransmit retransmission | perdida_de_paquetes retransmision | perda_de_pacotes retransmissao
round_trip rtt ping latency | ida_y_vuelta | ida_e_volta
firewall security_group blocked_port | cortafuegos | firewall
load_balancer proxy gateway ingress | balanceador | balanceador
timeout timed_out deadline time_limit | tiempo_de_espera plazo tiempo_agotado | tempo_limite prazo tempo_esgotado
retry retries again_and_again | reintento reintentar reintentos | tentativa repetir novas_tentativas
rate_limit rate_limited throttled throttle 429 too_many_requests quota | limite_de_tasa demasiadas_peticiones
  demasiadas_solicitudes limitado | limite_de_taxa muitas_requisicoes muitas_solicitacoes limitado
quota plan allowance contract limit | cuota plan_contratado | cota plano_contratado franquia
api call request endpoint | llamada peticion solicitud | chamada requisicao solicitacao
dependency upstream depend relies_on service_we_call | dependencia depender | dependencia depender
third_party external vendor provider outside | tercero externo proveedor | terceiro externo fornecedor
cpu processor core compute cycles | procesador nucleo cpu | processador nucleo cpu
memory ram heap | memoria ram | memoria ram
oom out_of_memory outofmemoryerror no_memory_left memory_exhausted | sin_memoria falta_de_memoria se_quedo_sin_memoria
  | sem_memoria falta_de_memoria ficou_sem_memoria
disk storage space drive filesystem | disco almacenamiento espacio | disco armazenamento espaco
noisy_neighbour neighbour neighbor other_tenant same_machine hog hogs starve | vecino_ruidoso vecino otro_inquilino |
  vizinho_barulhento vizinho outro_inquilino
tenant customer namespace project | inquilino proyecto | inquilino projeto
gpu graphics_card accelerator cuda nvidia video_card | tarjeta_grafica acelerador | placa_de_video placa_grafica
  acelerador
vram gpu_memory video_memory cuda_out_of_memory | memoria_de_la_gpu memoria_de_video | memoria_da_gpu memoria_de_video
throttle thermal clock slowdown overheating temperature degrees | estrangular termico reloj grados temperatura |
  estrangular termico clock graus temperatura
deploy release rollout ship roll_out push_to_production build | desplegar despliegue lanzamiento entrega version
  publicar | implantar implantacao lancamento entrega versao publicar deploy
rollback revert go_back roll_back undo previous_version back_out | revertir volver_atras volver_a_la_anterior
  reversion | reverter voltar_atras voltar_para_a_anterior reversao
canary release_candidate staged_rollout progressive candidate_version new_version | canario candidata version_nueva |
  canario candidata versao_nova
feature_flag toggle switch | bandera interruptor | bandeira chave_de_recurso
config setting configuration option | configuracion ajuste | configuracao ajuste
version build release | version compilacion entrega | versao compilacao entrega
library package dependency module | biblioteca libreria paquete modulo | biblioteca pacote modulo
pipeline dag workflow flow airflow job etl | canalizacion flujo tuberia flujo_de_trabajo | fluxo esteira
  fluxo_de_trabalho
task run step job attempt | tarea ejecucion paso | tarefa execucao passo
batch nightly bulk load import | lote lotes carga_masiva | lote lotes carga_em_massa
warehouse dwh data_warehouse lake table partition | almacen_de_datos almacen particion | armazem_de_dados
  data_warehouse particao
materialise materialize materialisation materialization refresh write | materializar materializacion | materializar
  materializacao
freshness stale old outdated out_of_date late age | frescura anticuado desactualizado antiguedad | frescor atualidade
  desatualizado idade
feature attribute variable input column signal | variable atributo caracteristica entrada senal | variavel atributo
  caracteristica entrada sinal feature
feature_view view feature_store store online_store | vista_de_variables almacen_de_variables | visao_de_features
  loja_de_features view
online serving served live real_time | en_linea tiempo_real | online tempo_real
offline training historical warehouse | fuera_de_linea historico | offline historico
skew parity training_serving mismatch differ disagree | sesgo paridad discrepancia | assimetria paridade discrepancia
null missing blank nan empty | nulo vacio faltante | nulo vazio faltante
drift shift distribution histogram psi population_stability moved | deriva distribucion histograma desplazamiento |
  deriva distribuicao histograma desvio
score prediction output probability risk_score scoring | puntuacion prediccion probabilidad riesgo | pontuacao
  predicao probabilidade escore risco
inference predict prediction scoring serving triton | inferencia prediccion predecir | inferencia predicao prever
model classifier estimator | modelo | modelo
training train retrain retraining fit fitting training_job | entrenamiento entrenar reentrenamiento reentrenar |
  treinamento treino treinar retreino retreinamento
champion production_model live_model current_model incumbent | campeon modelo_en_produccion modelo_vivo | campeao
  modelo_em_producao
challenger candidate shadow trial experiment | retador candidato sombra prueba ensayo | desafiante candidato sombra
  teste ensaio
promote promotion go_live put_live swap stage put_into_production | promover promocion pasar_a_produccion
  poner_en_produccion | promover promocao colocar_em_producao passar_para_producao
alias tag pointer production_tag points_at | alias etiqueta apunta | alias apelido tag aponta
registry mlflow model_registry catalogue | registro_de_modelos registro | registro_de_modelos registro
validation evaluation gate check sign_off approval | validacion evaluacion verificacion visto_bueno | validacao
  avaliacao verificacao aval
quality accuracy auc metric performance precision recall | calidad exactitud rendimiento precision | qualidade
  acuracia desempenho precisao
threshold cutoff cut limit bound rule | umbral corte | limiar limite corte
rule ruleset business_rule decision policy | regla reglas decision | regra regras decisao
production prod live | produccion | producao
staging preproduction test_environment | preproduccion entorno_de_pruebas | homologacao ambiente_de_testes
environment | entorno ambiente | ambiente
payment transaction charge purchase checkout | pago transaccion cobro compra | pagamento transacao cobranca compra
authorisation authorization approve approval auth_rate approvals | autorizacion aprobacion aprobaciones | autorizacao
  aprovacao aprovacoes
decline declined reject refused denied turn_down do_not_honour | rechazo rechazar denegar denegado declinar | recusa
  recusar negar negado declinar
issuer issuing_bank bank cardholder_bank | emisor banco_emisor banco | emissor banco_emissor banco
acquirer psp payment_provider processor provider | adquirente procesador_de_pagos pasarela_de_pago proveedor_de_pagos
  | adquirente processador_de_pagamentos provedor_de_pagamento
card pan card_number debit credit | tarjeta tarjetas debito credito | cartao cartoes debito credito
card_testing enumeration try_cards tries_out small_amount cents bin_attack | prueba_de_tarjetas importes_pequenos
  centimos centavos | teste_de_cartoes valores_pequenos centavos
merchant shop store seller door | comercio tienda vendedor | lojista loja vendedor comercio
fraud scam stolen abuse | fraude estafa abuso | fraude golpe abuso
chargeback dispute refund | contracargo disputa devolucion reembolso | estorno contestacao disputa reembolso
cost bill spend money invoice expense expensive | coste costo factura gasto dinero caro | custo fatura conta gasto
  dinheiro caro
token prompt completion language_model llm openai anthropic | token modelo_de_lenguaje | token modelo_de_linguagem
budget credit allowance spend_limit money_limit | presupuesto credito | orcamento credito
agent bot assistant toolkit | agente asistente | agente assistente
approval permission leave sign_off consent go_ahead proposal | aprobacion permiso visto_bueno propuesta | aprovacao
  permissao aval proposta
ledger audit_trail audit record journal audit_log | libro_de_registro auditoria registro_de_auditoria | livro_razao
  livro_de_registro auditoria registro_de_auditoria
redaction mask withhold privacy anonymise suppress censor | redaccion enmascarar ocultar privacidad anonimizar |
  redacao mascarar ocultar privacidade anonimizar
triage investigation diagnosis investigate | triaje investigacion diagnostico | triagem investigacao diagnostico
worker executor runner | trabajador ejecutor | trabalhador executor
report summary excerpt | informe resumen extracto | relatorio resumo trecho
""".strip()
