"""What means the same in the language of operations, in English, Spanish and Portuguese.

Written for this toolkit, one concept a line: `English | Spanish | Portuguese`, the usual English word first; an
indented line goes on, and `a_b` is a phrase. The words are those of Kubernetes' glossary in its three languages
(kubernetes.io/docs/reference/glossary), of Prometheus' documentation, and of everyday operations.
"""

from __future__ import annotations

CONCEPTS = """
down unavailable absent missing disappear unreachable offline dead outage stopped vanished gone inactive unresponsive
  not_running no_running none_running no_longer not_up stopped_answering cannot_be_found out_of_service | caido caer
  cayo caida indisponible desaparecer desaparecido ausente apagado detenido fuera_de_servicio no_disponible
  no_esta_disponible inalcanzable no_responde no_funciona sin_servicio muerto | caido caiu indisponivel desapareceu
  desaparecer ausente parado parou desligado fora_do_ar fora_de_servico inacessivel inalcancavel nao_responde
  nao_funciona morto
fail failure error fault broken unsuccessful malfunction problem trouble die cannot could_not unable does_not_work |
  fallo fallar falla fallado error averia roto no_pudo no_ha_podido no_puede no_se_pudo no_pudieron problema | falha
  falhar falhou erro defeito quebrado nao_conseguiu nao_consegue nao_pode nao_foi_possivel problema avaria
high elevated increased excessive large spike surge many too_much too_many a_lot_of soaring | alto alta elevado
  elevada excesivo excesiva demasiado demasiada aumento aumentado muchos mucho gran | alto alta elevado elevada
  excessivo excessiva demais muito muita muitos muitas aumento aumentado grande
low few little scarce insufficient short hardly_any shrinking | bajo baja poco poca pocos pocas escaso insuficiente
  menos | baixo baixa pouco pouca poucos poucas escasso insuficiente menos
slow latency delay sluggish response_time takes_long taking_too_long slow_to_come_back | lento lenta lentitud latencia
  demora tiempo_de_respuesta | lento lenta lentidao latencia demora tempo_de_resposta
lag behind lagging late delay falls_behind fall_behind falling_behind backlog | retraso retrasado atraso atrasado
  rezago detras | atraso atrasado defasagem atras
fill full exhaust running_out run_out out_of used_up maxed_out depleted no_room hardly_any_room fully_used
  totally_used | lleno llena llenar llenando agotar agotado agotando sin_espacio se_agota agote completo
  totalmente_utilizada | cheio cheia encher enchendo esgotar esgotado esgotando sem_espaco esgote completo
  totalmente_utilizada
space storage capacity disk room free | espacio almacenamiento capacidad disco libre | espaco armazenamento capacidade
  disco livre
crash crashloop crashlooping loop restart keeps_restarting keeps_dying dies_again again_and_again started_again |
  bucle bucle_de_reinicios reinicios_constantes se_cae_una_y_otra_vez colapso | loop loop_de_reinicios travamento
  cai_repetidamente
restart reboot restarting | reinicio reiniciar reiniciando rearranque | reinicio reiniciar reiniciando
  reinicializacao reinicializar
stuck hang hung blocked frozen stall stalled not_progressing did_not_complete does_not_finish | atascado bloqueado
  congelado colgado estancado atorado | travado bloqueado congelado preso parado emperrado
pending waiting wait queue not_started has_not_started | pendiente espera esperando esperar | pendente espera
  esperando aguardando
mismatch differ differ_from inconsistent not_matched has_not_matched does_not_reach wanted | discrepancia difiere
  diferente inconsistente no_coincide no_ha_alcanzado desajuste | divergencia difere diferente inconsistente
  nao_corresponde nao_atingiu
desired expected wanted target intended | deseado deseada esperado esperada previsto | desejado desejada esperado
  esperada
degraded unhealthy impaired without_redundancy damaged | degradado degradada deteriorado danado | degradado degradada
  prejudicado danificado
healthy health ok | sano saludable salud | saudavel saude
unhealthy not_healthy no_healthy | no_saludable insalubre | nao_saudavel
ready readiness available prepared | listo lista listos listas preparado disponibilidad disponible | pronto pronta
  prontos prontas prontidao preparado disponivel disponibilidade
not_ready unready notready without_becoming_ready | no_listo no_esta_listo no_estan_listos | nao_pronto
  nao_esta_pronto nao_estao_prontos
flapping flap oscillate toggle unstable intermittent up_and_down switches_between changing_often back_and_forth
  goes_up_and_down | oscilando oscilar oscilante inestable intermitente cambia_con_frecuencia | oscilando oscilar
  instavel intermitente muda_com_frequencia mudando
change switch alter | cambio cambiar cambiando cambia | mudanca mudar mudando alteracao alterar
often frequently repeatedly constantly keep all_the_time time_and_again | frecuencia frecuente constantemente a_menudo
  con_frecuencia | frequencia frequente constantemente com_frequencia
expire expiration expiry runs_out going_to_expire about_to_expire | caducar caduca caducidad vencer vence vencimiento
  expirar expira | expirar expira expiracao vencer vence vencimento
renew renewal rotate rotation reissue | renovar renovacion rotar rotacion renueva | renovar renovacao rotacionar
  rotacao renova
certificate cert tls ssl x509 | certificado certificados | certificado certificados
throttle throttling limited rate_limited | limitado limitacion estrangulamiento | limitado limitacao estrangulamento
limit maximum max threshold cap ceiling bound | limite maximo umbral tope | limite maximo limiar teto
quota allowance allotment resource_quota | cuota cuotas | cota cotas quota
exceed over above hit cross surpass breach reach beyond higher_than more_than larger_than | superar supera supero
  superado exceder excedido rebasar por_encima alcanzado alcanzar sobrepasar | exceder excedeu excedido ultrapassar
  ultrapassou acima atingir atingido superar passar passa
below under lower_than less_than | debajo inferior menor menos | abaixo inferior menor menos
cpu processor core compute | procesador nucleo | processador nucleo
memory ram heap | memoria | memoria
oom out_of_memory memory_exhausted | sin_memoria falta_de_memoria | sem_memoria falta_de_memoria
network networking net connectivity | red redes conectividad | rede redes conectividade
interface nic card adapter device port | interfaz interfaces tarjeta | interface interfaces placa
network_interface network_card nic network_adapter | interfaz_de_red tarjeta_de_red | interface_de_rede placa_de_rede
packet frame | paquete paquetes | pacote pacotes
receive inbound incoming rx | recepcion recibir recibido entrante | recepcao receber recebido entrada
transmit outbound outgoing tx | transmision transmitir transmitido saliente | transmissao transmitir transmitido saida
node host machine server worker | nodo nodos maquina servidor anfitrion equipo | nodo nodos no_de_cluster maquina
  servidor hospedeiro
control_plane master_node master | plano_de_control plano_control maestro | plano_de_controle plano_controle mestre
server | servidor servidores | servidor servidores
api_server apiserver kube_api | servidor_de_la_api servidor_api servidor_de_api api | servidor_da_api servidor_api
  servidor_de_api api
scheduler | planificador programador | agendador escalonador
schedule place placement assign scheduled placed | programar programado programados planificar asignar ubicar |
  agendar agendado agendados escalonar alocar
misscheduled wrong_node should_not_run wrongly_placed not_supposed_to_run | mal_programado no_deberian_ejecutarse |
  mal_agendado nao_deveriam_executar
controller | controlador | controlador
pod container workload | pod contenedor | pod conteiner contentor
container | contenedor contenedores | conteiner conteineres container contentor
deployment deploy rollout release rolled_out | despliegue desplegar desplegado | implantacao implantar implantado
  implementacao
rollout rolled_out roll_out deployed update | desplegar desplegado despliegue | implantar implantado implantada
rollback roll_back rolled_back revert | reversion revertir | reversao reverter
update upgrade | actualizacion actualizar actualizado | atualizacao atualizar atualizado
replica replicas instance copy | replica replicas | replica replicas
statefulset | conjunto_con_estado |
job task | trabajo tarea | trabalho tarefa
run running execute executing execution operate | ejecutar ejecucion ejecutando corriendo funcionando en_ejecucion |
  executar execucao executando rodando em_execucao operando funcionando
hpa horizontal_pod_autoscaler autoscaler autoscaling pod_autoscaler | autoescalador escalador_automatico |
  autoescalador escalonador_automatico
maxed_out max_replica maximum_replica maximum_number at_maximum cannot_scale_any_further | maximo_de_replicas
  al_maximo | maximo_de_replicas no_maximo
scale scaling | escalar escalado | escalar escalonamento
persistent_volume_claim pvc volume_claim | solicitud_de_volumen | solicitacao_de_volume
persistent_volume volume pv mounted_volume | volumen_persistente volumen | volume_persistente volume
filesystem file_system mounted_volume mountpoint mount | sistema_de_archivos sistema_de_ficheros | sistema_de_arquivos
  sistema_de_ficheiros
file files | archivo archivos fichero ficheros | arquivo arquivos ficheiro ficheiros
inode inodes files | inodo inodos | inode inodes
file_descriptor file_handle open_file open_file_handles fd | descriptores_de_archivo descriptor_de_archivo
  descriptores_de_fichero | descritores_de_arquivo descritor_de_arquivo
text_file textfile | archivos_de_texto archivo_de_texto | arquivos_de_texto arquivo_de_texto
collector collect | recolector colector recolectar recoleccion | coletor coletar coleta
scrape collect pull fetch | recolectar recoleccion raspado sondeo extraer | coletar coleta raspagem
target endpoint | objetivo objetivos destino | alvo alvos destino
discovery | descubrimiento | descoberta
raid array | arreglo matriz | arranjo matriz array
disk drive device | disco discos unidad | disco discos unidade
clock time ntp | reloj hora | relogio hora
skew drift drifts offset out_of_sync | desfase deriva desviacion | desvio defasagem
synchronise sync synchronisation in_sync synchronize synchronizing | sincronizar sincronizado sincronizando
  sincronizacion | sincronizar sincronizado sincronizando sincronizacao
leader leadership leading lease | lider liderazgo | lider lideranca
election elect elects electing leader_change | eleccion cambio_de_lider cambios_de_lider | eleicao mudanca_de_lider
  mudancas_de_lider
member peer | miembro miembros | membro membros
quorum majority | mayoria quorum | maioria quorum
cluster | cluster agrupacion | cluster agrupamento aglomerado
namespace | espacio_de_nombres | espaco_de_nomes namespace
overcommit overcommitted oversubscribed larger_than_the_cluster more_than_the_cluster ask_for_more |
  comprometido_en_exceso ha_comprometido_en_exceso sobreasignado sobrecomprometido | comprometido_em_excesso
  comprometeu_em_excesso sobrealocado
request demand ask call | solicitud solicitudes peticion peticiones llamada | solicitacao solicitacoes requisicao
  requisicoes chamada pedido
resource | recurso recursos | recurso recursos
error_budget | presupuesto_de_errores presupuesto_de_error | orcamento_de_erros orcamento_de_erro
burn burning consume eating using_up spend | consumir consumiendo quemando gastar | consumir consumindo queimando
  gastar
fast quick quickly rapid | rapido rapidamente | rapido rapidamente
rate ratio share percentage percent per_cent | tasa proporcion porcentaje | taxa proporcao porcentagem percentual
query querying evaluate | consulta consultar consultas | consulta consultar consultas
rule rules recording_rule alerting_rule | regla reglas | regra regras
evaluate evaluation evaluated | evaluar evaluacion evaluando | avaliar avaliacao avaliando
missing skipped iteration | omitido faltante perdido | ausente pulado faltando perdido
sample samples datapoint | muestra muestras | amostra amostras
timestamp time | marca_de_tiempo marcas_de_tiempo | carimbo_de_tempo timestamp timestamps
duplicate duplicated twice already_exists same | duplicado duplicada duplicados duplicadas repetido | duplicado
  duplicada duplicados duplicadas repetido
drop dropped discard throw_away thrown_away reject ignore ignored lose loss lost | descartar descartando descartado
  perder perdida rechazar rechazado ignorar | descartar descartando descartado descartou perder perda rejeitar
  rejeitado ignorar
ingest ingestion insert write | ingesta ingestar insertar ingerir | ingestao ingerir inserir
send deliver delivery notify forward dispatch | enviar envio entregar entrega | enviar envio entregar entrega
notification alert message alertmessage | notificacion notificaciones aviso alerta | notificacao notificacoes aviso
  alerta
receiver integration channel | receptor integracion canal | receptor integracao canal
connect connection connecting link talking_to | conexion conectar conectarse enlace | conexao conectar ligacao
configuration config configure settings | configuracion configurar ajuste | configuracao configurar
reload refresh | recargar recarga | recarregar recarga
inconsistent out_of_sync differ not_in_sync | inconsistente desincronizado | inconsistente dessincronizado
database db postgres postgresql sql | base_de_datos bases_de_datos | banco_de_dados base_de_dados bancos_de_dados
replication replicate | replicacion replicar replica | replicacao replicar
subscription subscriber | suscripcion suscriptor | assinatura assinante subscricao
publisher publish publication | publicador publicacion | publicador publicacao
logical | logica logico | logica logico
primary master | primario principal | primario principal
standby secondary | secundario espera | secundario espera
backup | copia_de_seguridad respaldo copias_de_seguridad | backup copia_de_seguranca copia_seguranca
restore recover recovery | restaurar recuperacion recuperar | restaurar recuperacao recuperar
repair heal fix | reparar reparacion | reparar reparo conserto
zone availability_zone az | zona zona_de_disponibilidad | zona zona_de_disponibilidade
same single one | misma mismo unica unico | mesma mesmo unica unico
network_policy networkpolicy | politica_de_red | politica_de_rede
dns name_resolution resolver | resolucion_de_nombres | resolucao_de_nomes
ingress | entrada | entrada
egress | salida | saida
traffic throughput load | trafico carga | trafego carga
login authentication auth authenticate | autenticacion autenticar inicio_de_sesion | autenticacao autenticar
permission authorization authorize denied forbidden | permiso autorizacion denegado | permissao autorizacao negado
token credential secret | credencial secreto | credencial segredo
deprecated obsolete removed outdated old going_away legacy end_of_life | obsoleto obsoleta obsoletos desaconsejado
  anticuado | obsoleto obsoleta obsoletos descontinuado antigo
outdated old stale | desactualizado obsoleto antiguo viejo | desatualizado obsoleto antigo velho
orphaned orphan abandoned without_owner has_no | huerfano huerfana sin | orfao orfa sem
runtime container_runtime | entorno_de_ejecucion tiempo_de_ejecucion | ambiente_de_execucao tempo_de_execucao runtime
version | version versiones | versao versoes
image | imagen imagenes | imagem imagens
registry | registro | registro
operator | operador | operador
reconcile reconciliation | reconciliar conciliacion reconciliacion | reconciliar conciliacao reconciliacao
monitor monitoring mon observe | monitor monitorizacion monitoreo supervision | monitor monitoramento monitorizacao
manager mgr | gestor administrador | gerenciador gestor administrador
metric metrics | metrica metricas | metrica metricas
log logs logging | registro registros bitacora | log logs registro registros
label | etiqueta etiquetas | rotulo rotulos etiqueta
series time_series timeseries | series serie | series serie
compact compaction | compactacion compactar | compactacao compactar
chunk block | bloque bloques fragmento | bloco blocos fragmento
compression compressed | compresion comprimido | compressao comprimido
cache | cache | cache
queue | cola colas | fila filas
usage utilization used consumption use | uso utilizacion consumo usado utilizando | uso utilizacao consumo usado
  utilizando
capacity | capacidad | capacidade
predicted forecast expected will_soon soon within going_to | prevision previsto prevé preve se_espera pronto |
  previsao previsto preve espera em_breve breve
near nearly almost approaching close_to hardly about_as_many soon | casi cerca proximo a_punto | quase perto proximo
  prestes
read reading | lectura leer | leitura ler
write writing | escritura escribir | escrita escrever gravacao
read_only readonly | solo_lectura solo_de_lectura | somente_leitura apenas_leitura
delete deletion remove erase | eliminar eliminacion borrar | excluir exclusao remover apagar
create creation | crear creacion | criar criacao
start begin launch | iniciar inicio arrancar arranque comenzar | iniciar inicio comecar
evict eviction evicted | desalojar desalojo | despejar despejo
drain draining | drenar drenaje vaciar | drenar drenagem
migrate migration live_migration | migracion migrar | migracao migrar
virtual_machine vm guest | maquina_virtual maquinas_virtuales | maquina_virtual maquinas_virtuais
virtual_machine_instance vmi virtual_machine_instances | instancia_de_maquina_virtual | instancia_de_maquina_virtual
hypervisor kvm virtualization | hipervisor virtualizacion | hipervisor virtualizacao
snapshot | instantanea | instantaneo snapshot
pool | grupo reserva | grupo pool
object bucket | objeto cubo | objeto balde
mirror mirroring | espejo duplicacion | espelho espelhamento
split partition disagree brain | division particion | divisao particao
attack malicious | ataque malicioso | ataque malicioso
aggregated aggregation | agregada agregado | agregada agregado
service | servicio servicios | servico servicos
user client customer | usuario cliente clientes | usuario utilizador cliente clientes
response reply answer | respuesta respuestas | resposta respostas
timeout timed_out times_out | tiempo_de_espera agotado_el_tiempo | tempo_limite tempo_esgotado
kernel | nucleo kernel | nucleo kernel
process | proceso procesos | processo processos
minute minutes | minuto minutos | minuto minutos
hour hours | hora horas | hora horas
day days | dia dias | dia dias
second seconds | segundo segundos | segundo segundos
last recent recently | ultimo ultimos ultima reciente recientemente | ultimo ultimos ultima recente recentemente
number count amount total | numero cantidad total | numero quantidade total
all every whole | todos todas cada | todos todas cada
some part several a_few | algunos algunas varios parte | alguns algumas varios parte
no none nobody | ningun ninguno ninguna nadie | nenhum nenhuma ninguem
not no non without | no sin | nao sem
detect found observe seen | detectar detecto detectado detecta encontrado | detectar detectado detecta encontrado
long longer duration time | largo duracion tiempo | longo duracao tempo
state status condition | estado condicion | estado condicao
critical severe | critico critica grave | critico critica grave
transaction | transaccion transacciones | transacao transacoes
payment | pago pagos | pagamento pagamentos
approval approved authorization_rate | aprobacion aprobado | aprovacao aprovado
decline declined rejected | rechazo rechazado | recusa recusado rejeitado
fraud | fraude | fraude
card | tarjeta tarjetas | cartao cartoes
provider acquirer | proveedor adquirente | provedor fornecedor adquirente
merchant shop | comercio comerciante | lojista comerciante
country | pais | pais
model classifier | modelo modelos | modelo modelos
feature features attribute | caracteristica caracteristicas variable variables atributo | caracteristica
  caracteristicas variavel variaveis atributo
prediction score inference scoring | prediccion puntuacion inferencia | predicao previsao pontuacao inferencia
training train | entrenamiento entrenar | treinamento treino treinar
pipeline flow | canalizacion flujo tuberia | fluxo esteira
batch | lote lotes | lote lotes
stale freshness old not_fresh | antiguo frescura desactualizado | antigo frescor desatualizado
null empty missing blank | nulo nulos vacio vacios faltante | nulo nulos vazio vazios faltante
drift shift moved | deriva desplazamiento cambio | desvio deslocamento mudanca
gpu accelerator | gpu acelerador | gpu acelerador
temperature hot overheating | temperatura caliente sobrecalentamiento | temperatura quente superaquecimento
cost bill spending | coste costo factura gasto | custo fatura gasto
budget | presupuesto | orcamento
blocklist blacklist denylist ban | lista_de_bloqueo lista_negra vetado | lista_de_bloqueio lista_negra banido
provision provisioning allocate allotted | aprovisionar aprovisionamiento aprovisionado asignar | provisionar
  provisionamento provisionado alocar
event | evento eventos | evento eventos
lifecycle life_cycle | ciclo_de_vida | ciclo_de_vida
generator generate produce | generador generar genera | gerador gerar gera
list listing enumerate relist | listar listado lista | listar listagem relistar lista
terminate kill abort cut_off cutting_off cancel shut_down | terminar terminado matar cortar cortado abortar cancelar |
  encerrar encerrado terminar matar cortar abortar cancelar
close closed shut | cerrar cerrado cierre | fechar fechado fechamento
open opened | abrir abierto abierta abiertos | abrir aberto aberta abertos
shard shards fragment | fragmento fragmentos particion | fragmento fragmentos particao
expose export publish | exponer expone exportar | expor expoe exportar
parse decode malformed invalid | analizar interpretar malformado invalido | analisar interpretar malformado invalido
consumer reader subscriber | consumidor consumidores lector | consumidor consumidores leitor
producer writer publisher | productor productores | produtor produtores
topic stream | tema topico flujo | topico fluxo
partition | particion particiones | particao particoes
broker | intermediario agente | intermediario corretor
message record | mensaje mensajes registro | mensagem mensagens registro
buffer | bufer memoria_intermedia | buffer memoria_intermediaria
flush fsync write_to_disk sync_to_disk | volcar volcado vaciar | descarregar gravar_em_disco
wal write_ahead_log journal | registro_de_escritura_anticipada diario | log_de_escrita_antecipada diario
checkpoint | punto_de_control puntos_de_control | ponto_de_verificacao ponto_de_controle
lock locked deadlock contention | bloqueo bloqueos interbloqueo cerrojo | bloqueio bloqueios trava impasse
index | indice indices | indice indices
table | tabla tablas | tabela tabelas
row | fila filas | linha linhas
column | columna columnas | coluna colunas
schema | esquema | esquema
commit | confirmacion confirmar | confirmacao efetivar
wraparound xid | agotamiento_de_identificadores | esgotamento_de_identificadores
autovacuum vacuum | limpieza vaciado | limpeza
bloat wasted | hinchazon desperdicio | inchaco desperdicio
session | sesion sesiones | sessao sessoes
connection_pool pool_of_connections | grupo_de_conexiones pool_de_conexiones | grupo_de_conexoes pool_de_conexoes
hit_rate hit_ratio cache_hit | tasa_de_aciertos aciertos | taxa_de_acerto acertos
password | contrasena clave | senha
key | clave llave | chave
encryption encrypt encrypted | cifrado cifrar encriptado | criptografia cifrado criptografado
signer signing sign signature | firmante firmar firma firmado | assinador assinadora assinante assinatura assinar
authority certificate_authority ca | autoridad autoridad_certificadora | autoridade autoridade_certificadora
valid validity | valido vigente validez vigencia | valido vigente validade vigencia
invalid bad wrong incorrect malformed | invalido incorrecto erroneo malo | invalido incorreto errado ruim
account | cuenta cuentas | conta contas
access | acceso acceder | acesso acessar
role | rol roles | papel papeis
audit | auditoria | auditoria
vulnerability exploit | vulnerabilidad | vulnerabilidade
firewall | cortafuegos | firewall
route routing router | ruta rutas enrutamiento enrutador | rota rotas roteamento roteador
gateway | pasarela puerta_de_enlace | gateway porta_de_enlace
proxy | proxy intermediario | proxy
load_balancer loadbalancer balancer | balanceador balanceador_de_carga | balanceador balanceador_de_carga
backend upstream | servidor_de_fondo origen | servidor_de_origem origem
upstream source origin | origen fuente aguas_arriba | origem fonte
downstream dependent | dependiente destino aguas_abajo | dependente destino
dependency depend | dependencia depender | dependencia depender
bandwidth saturation saturated | ancho_de_banda saturacion saturado | largura_de_banda saturacao saturado
saturated saturation overloaded overload | saturado saturacion sobrecargado sobrecarga | saturado saturacao
  sobrecarregado sobrecarga
mtu jumbo_frame | tamano_de_paquete | tamanho_de_pacote
size | tamano | tamanho
large big huge | grande enorme | grande enorme
small tiny | pequeno | pequeno
bond bonding | agregacion_de_enlaces | agregacao_de_enlaces
link | enlace vinculo | enlace vinculo
address ip | direccion direcciones | endereco enderecos
subnet cidr | subred | sub_rede
collision conflict clash overlap | colision conflicto solapamiento | colisao conflito sobreposicao
ping probe | sonda sondeo | sonda sondagem
probe check healthcheck | sonda comprobacion chequeo verificacion | sonda checagem verificacao
liveness liveness_probe | vitalidad | vitalidade
heartbeat watchdog dead_man | latido | batimento
silent silence mute | silencio silenciar | silencio silenciar
firing fire fires trigger | disparar disparada activa | disparar disparado ativo
always | siempre | sempre
never | nunca | nunca
again | otra_vez nuevo | de_novo novamente
once | una_vez | uma_vez
still | todavia aun sigue | ainda continua
working works functioning | funcionando funciona operativo | funcionando funciona operacional
between | entre | entre
different differ mismatch differing | diferente diferentes distinto distintas distintos | diferente diferentes
  distinto distintos
incompatible not_compatible | incompatible incompatibles | incompativel incompativeis
release version | version lanzamiento | versao lancamento
old_version outdated behind | version_antigua desactualizado | versao_antiga desatualizado
minor | menor | menor
eviction evict evicted evictable | desalojo desalojar desalojado | despejo despejar despejado remocao
strategy policy | estrategia politica | estrategia politica
policy | politica politicas | politica politicas
live_migration migratable live_migrated moved_live | migracion_en_vivo migrable | migracao_ao_vivo migravel
launcher | lanzador | lancador
handler | manejador controlador | manipulador
agent daemon | agente demonio | agente daemon
daemonset daemon_set | conjunto_de_demonios | conjunto_de_daemons
swap swapping | intercambio | troca
page paging page_fault | pagina paginacion | pagina paginacao
fault | fallo falla | falha
steal stolen | robado | roubado
frequency clock_speed | frecuencia | frequencia
load | carga | carga
idle unused | inactivo ocioso sin_uso | ocioso inativo sem_uso
busy occupied | ocupado | ocupado
power electricity battery | energia corriente bateria | energia corrente bateria
fan cooling | ventilador refrigeracion | ventilador refrigeracao
hardware physical | hardware fisico | hardware fisico
firmware bios | firmware | firmware
smart disk_health failing_disk | disco_defectuoso | disco_defeituoso
iops io input_output | entrada_salida | entrada_saida
quorum_loss lost_quorum | perdida_de_quorum | perda_de_quorum
rebalance rebalancing redistribute | reequilibrar rebalanceo | rebalancear rebalanceamento
failover switchover promote takeover | conmutacion conmutacion_por_error promover | failover comutacao promover
vote voter | voto votante | voto votante
node_down host_down machine_down | nodo_caido maquina_caida | no_caido maquina_caida
deploy install installation | instalar instalacion | instalar instalacao
uninstall | desinstalar | desinstalar
enable enabled turn_on | habilitar habilitado activar activado | habilitar habilitado ativar ativado
disable disabled turn_off | deshabilitar deshabilitado desactivar | desabilitar desabilitado desativar
misconfigured misconfiguration wrong_setting | mal_configurado configuracion_incorrecta | mal_configurado
  configuracao_incorreta
default | predeterminado defecto por_defecto | padrao
unknown | desconocido | desconhecido
unsupported not_supported | no_soportado no_compatible | nao_suportado
support | soporte compatibilidad | suporte
upgrade upgrading | actualizar actualizacion | atualizar atualizacao
downgrade | degradar_version | reverter_versao
progress progressing advance | progreso avanzar avance progresar | progresso avancar avanco progredir
complete finish finished done end | completar completo terminar finalizar | completar completo terminar finalizar
abandoned orphan | abandonado huerfano | abandonado orfao
loss lost data_loss | perdida perder | perda perder
corrupt corrupted corruption damaged | corrupto corrupcion danado corrompido | corrompido corrupcao danificado
wrong unexpected unintended | equivocado inesperado | errado inesperado
unexpected surprising | inesperado | inesperado
spike jump sudden | pico salto repentino | pico salto repentino
drop fall decrease decline | caida bajada descenso disminucion bajar | queda descida diminuicao cair baixar
grow growth growing increase | crecer crecimiento aumentar creciendo | crescer crescimento aumentar crescendo
rise raising rising | subir subida | subir subida
ratio proportion | proporcion razon | proporcao razao
average mean | promedio media | media medio
percentile quantile | percentil cuantil | percentil quantil
duration how_long long | duracion | duracao
age old | antiguedad edad | idade
recent | reciente | recente
daily every_day | diario | diario
interval period window | intervalo periodo ventana | intervalo periodo janela
schedule cron scheduled | programacion planificacion cron | agendamento cron programacao
retry retries | reintento reintentos reintentar | nova_tentativa tentativas repetir
attempt try | intento intentos intentar | tentativa tentar
reject refuse refused deny | rechazar rechazado denegar | rejeitar rejeitado recusar negar
accept | aceptar | aceitar
response_code status_code | codigo_de_estado codigo_de_respuesta | codigo_de_estado codigo_de_resposta
webhook admission | webhook admision | webhook admissao
terminating being_deleted | terminando eliminandose | encerrando sendo_excluido
finalizer | finalizador | finalizador
owner | propietario dueno | proprietario dono
tenant | inquilino | inquilino locatario
reservation reserved | reserva reservado | reserva reservado
affinity anti_affinity | afinidad antiafinidad | afinidade antiafinidade
spread distribute distribution | distribuir distribucion repartir | distribuir distribuicao espalhar
region | region | regiao
datacenter data_center | centro_de_datos | centro_de_dados data_center
disaster | desastre catastrofe | desastre catastrofe
redundancy redundant | redundancia redundante | redundancia redundante
spare | repuesto | sobressalente
majority | mayoria | maioria
half | mitad | metade
several multiple more_than_one | varios multiples | varios multiplos
only just single | solo solamente unico | apenas somente so unico
enough sufficient | suficiente | suficiente
not_enough too_few insufficient | insuficiente no_suficiente | insuficiente
left remaining remain | queda quedan restante | resta restam restante
about_to soon | a_punto_de pronto | prestes_a em_breve
import | importar importacion | importar importacao
dashboard | panel tablero | painel
report | informe reportar | relatorio reportar
alerting alert | alerta alertas | alerta alertas
trace span | traza trazas | rastreamento traco
dataset data_set | conjunto_de_datos | conjunto_de_dados
data | datos dato | dados dado
value | valor valores | valor valores
experiment | experimento | experimento
accuracy quality | exactitud precision calidad | acuracia precisao qualidade
embedding vector | vector | vetor
prompt completion | instruccion | instrucao
invoice billing | facturacion factura | faturamento fatura
refund chargeback dispute | reembolso contracargo disputa | reembolso estorno contestacao
settlement payout | liquidacion | liquidacao
purchase order | compra pedido orden | compra pedido
""".strip()

SPANISH_STOP = frozenset(
    "el la los las un una unos unas de del al a y o u en con por para que se su sus es son esta este estos estas esa "
    "ese lo le les ha han haber hay mas muy pero como cuando donde desde hasta sobre entre ya ser fue era esto eso mi "
    "nos esta estan lleva debido durante".split()
)
PORTUGUESE_STOP = frozenset(
    "o a os as um uma uns umas de do da dos das ao aos e ou em no na nos nas com por para que se seu sua seus suas eh "
    "sao esta este estes estas essa esse isso isto ha mais muito mas como quando onde desde ate sobre entre ja ser foi "
    "era pelo pela pelos pelas estao durante devido".split()
)
"""Function words without accents; they also tell which language a text is in."""
