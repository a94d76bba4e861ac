"""How people say in plain Spanish and Portuguese what pages call by its name, in English: tables like that of `spoken`.

Written as that one was: from the way operations are talked about, and held against no question of an evaluation. Words
are without accents.
"""

from __future__ import annotations

SPANISH = """
se_cayo se_ha_caido se_nos_cayo se_murio se_ha_muerto esta_muerto dejo_de_responder ha_dejado_de_responder
  no_da_senales no_da_senal no_contesta no_da_respuesta se_fue_abajo esta_por_los_suelos tirado patas_arriba | down
no_se_llega no_llegamos_a no_podemos_llegar no_se_puede_llegar no_hay_forma_de_llegar no_hay_manera_de_entrar |
  unreachable
ya_no_esta ha_desaparecido se_esfumo se_perdio_de_vista no_aparece no_se_ve_por_ningun_lado | missing down
no_arranca no_levanta no_quiere_arrancar no_se_levanta no_termina_de_arrancar no_enciende | start fail
se_cae_cada se_cae_a_cada se_cae_todo_el_rato se_cae_continuamente se_muere_cada no_para_de_caerse
  no_para_de_reiniciarse se_reinicia_solo se_reinicia_todo_el_rato se_reinicia_cada vuelve_a_caerse | crash restart
hay_que_reiniciar levantar_de_nuevo volver_a_levantar tirar_y_levantar | restart
revienta reviento explota exploto peta peto casca casco se_rompe se_rompio truena trono se_estropeo se_ha_estropeado
  salio_mal va_mal esta_en_rojo sale_en_rojo no_jala no_anda no_va no_tira | fail
a_veces_si_y_a_veces_no va_y_viene de_vez_en_cuando a_ratos cada_dos_por_tres cada_tanto | intermittent flapping
por_las_nubes disparado disparada se_disparo se_ha_disparado se_han_disparado se_dispararon fuera_de_control
  se_ha_ido_de_las_manos | high spike
un_monton_de un_chorro_de una_avalancha_de una_oleada_de una_rafaga_de una_lluvia_de cantidad_de cientos_de miles_de
  mucho_mas muchos_mas muchas_mas | high
de_repente de_golpe de_pronto de_la_noche_a_la_manana sin_previo_aviso de_un_momento_a_otro | sudden
cada_vez_mas poco_a_poco va_subiendo no_para_de_subir no_deja_de_subir no_para_de_crecer no_deja_de_crecer
  sigue_subiendo | increase growing
en_picado en_picada se_desplomo se_ha_desplomado se_desplomaron se_hundio por_el_suelo cada_vez_menos mucho_menos
  muchos_menos muchas_menos | drop
casi_nada casi_ninguno casi_ninguna apenas_hay apenas_llegan apenas_entra ya_no_entra ya_no_llegan dejaron_de_llegar
  dejo_de_llegar no_entra_nada no_llega_nada | low missing
a_tope al_cien al_cien_por_cien al_maximo a_full hasta_arriba echando_humo ahogado ahogada ahogando asfixiado
  saturadisimo no_da_mas no_aguanta no_puede_mas no_da_abasto no_dan_abasto se_satura | saturated overloaded
no_le_da_tiempo no_alcanza_a no_llega_a_procesar se_queda_atras se_van_quedando cada_vez_mas_atrasado
  no_se_pone_al_dia | lag behind
se_acumulan se_acumula se_amontonan se_amontona se_van_acumulando se_estan_acumulando haciendo_cola hacen_cola
  en_la_cola | backlog queue
se_queda_colgado se_quedo_colgado se_quedan_colgadas se_quedan_colgados se_queda_pillado se_quedo_pillado
  se_queda_esperando se_quedan_esperando no_avanza no_avanzan no_se_mueve no_termina no_terminan no_acaba no_acaban
  nunca_termina nunca_acaba parado_desde sin_avanzar | stuck
va_lento va_muy_lento tarda_mucho tarda_muchisimo tarda_demasiado tardan_mucho tardan_demasiado tarda_una_eternidad
  tarda_el_doble tarda_mas tardan_mas va_a_pedales se_arrastra va_a_paso_de_tortuga le_cuesta_responder | slow latency
se_agota_el_tiempo se_agoto_el_tiempo se_corta_por_tiempo da_timeout dan_timeout salta_el_timeout | timeout
nos_quedamos_sin se_quedo_sin se_ha_quedado_sin se_quedan_sin ya_no_queda ya_no_quedan no_queda no_quedan se_acabo
  se_acabaron se_nos_acabo se_ha_acabado se_ha_gastado | exhausted
esta_por_llenarse casi_lleno a_punto_de_llenarse se_esta_llenando se_va_a_llenar queda_poco_espacio | near full disk
no_cabe no_cabe_nada no_cabe_mas no_hay_sitio no_hay_lugar no_hay_hueco hasta_los_topes | full space
se_come se_comen se_esta_comiendo se_esta_llevando acapara acaparando chupa | usage high consume
de_al_lado del_al_lado de_otro_equipo de_otros_equipos ajeno ajena | other tenant neighbour
no_deja_entrar no_me_deja_entrar no_nos_deja_entrar no_puedo_entrar no_podemos_entrar | login denied authentication
no_me_deja no_nos_deja no_deja_que no_se_puede_publicar no_quiere_publicar | refused denied
echa_para_atras echan_para_atras tira_para_atras tumba tumban nos_rebota rebotan nos_dice_que_no dice_que_no
  dicen_que_no | declined refused reject
no_pasan no_pasa no_salen_adelante no_entran_los_pagos no_se_puede_pagar no_pueden_pagar nadie_puede_pagar | payment
  declined fail
llamamos_demasiado pedimos_demasiado demasiado_seguido demasiado_rapido | rate_limit throttled
nos_corto nos_cortaron nos_ha_cortado nos_bloqueo nos_bloquearon | blocked limit
tocamos_techo toco_techo no_puede_crecer_mas no_crece_mas no_deja_subir_mas no_permite_mas no_se_puede_subir_mas |
  limit maximum
se_paso_de se_ha_pasado_de por_encima_de se_pasa_de | above exceeded
nadie_lo_renovo nadie_renovo no_se_renovo sin_renovar dejo_de_valer dejo_de_ser_valido ya_no_vale ya_no_es_valido
  se_vencio se_nos_vencio | expired
no_es_seguro no_es_segura candado | certificate tls
subimos sacamos salio_la_version salio_a_produccion pasamos_a_produccion pusimos_en_produccion recien_desplegado
  desde_el_pase tras_el_pase despues_del_pase | deployment release
volver_a_la_de_antes volver_a_la_anterior volvemos_a_la regresar_a_la dar_marcha_atras marcha_atras echar_atras
  deshacer_el | rollback
alguien_toco alguien_cambio alguien_movio toco_la tocaron_la le_movieron le_movio metieron_mano | changed
  configuration
nadie_toco nadie_cambio nadie_movio no_se_toco no_se_cambio sin_que_nadie no_hubo_cambios no_hubo_despliegue
  no_se_desplego | without release
nadie_sabe_quien no_se_sabe_quien sin_avisar sin_decir_nada por_la_puerta_de_atras a_escondidas | changed unrecorded
no_cuadra no_cuadran no_coinciden no_coincide no_es_lo_mismo no_son_iguales no_son_los_mismos no_dicen_lo_mismo
  dicen_cosas_distintas | mismatch differ
ya_no_se_parecen ya_no_se_parece no_se_parecen no_se_parece ya_no_es_como ya_no_son_como | drift shift
llegan_vacios llegan_vacias viene_vacio vienen_vacios vienen_vacias en_blanco sin_valor sin_rellenar | null missing
no_se_actualiza no_se_actualizan no_se_ha_actualizado no_se_han_actualizado sin_actualizar sin_actualizarse de_ayer
  de_hace_horas de_hace_dias desde_anoche se_quedo_en | stale old
tenia_que_haber debia_haber deberia_haber no_ha_llegado no_llego aun_no_llega todavia_no_llega sigue_sin_llegar
  sin_llegar | late overdue
no_corrio no_se_ejecuto no_se_lanzo no_ha_corrido | missing run
no_sabemos_leer no_podemos_leer no_puede_leer no_pueden_leer no_se_puede_leer no_se_entiende no_entiende se_atraganta
  | parse error
se_tiran se_descartan se_estan_tirando | discarded dropped
dos_veces por_duplicado doble_cobro | duplicate
se_calienta se_esta_calentando demasiado_caliente hierve arde | temperature throttling
va_mas_despacio mas_despacio baja_la_velocidad bajo_su_velocidad | slow throttling
memoria_de_la_tarjeta memoria_grafica tarjeta_de_video tarjeta_grafica | gpu memory
cuesta_un_dineral nos_cuesta cuanto_pagamos lo_que_pagamos sale_caro nos_sale_caro estamos_gastando gastamos | cost
  spend
se_acabo_el_dinero ya_no_hay_dinero sin_credito sin_saldo | budget exhausted
lo_que_contratamos lo_contratado las_consultas_contratadas el_plan_contratado nuestro_plan | quota contract
nadie_aprueba nadie_lo_aprueba nadie_da_el_visto_bueno nadie_contesta_las esperando_el_visto_bueno sin_aprobar |
  approval pending
tapado tapados tachado tachados borrado_del_texto | redaction withheld
unos_centimos pocos_centavos importes_minimos cargos_pequenos pagos_pequenos | card testing small_amount
numeros_robados tarjetas_robadas | card testing fraud
punto_de_corte el_corte la_raya | threshold
con_lo_que_se_entreno con_lo_que_entrenamos con_los_que_se_entreno al_entrenar | training offline
solo_deberia_mirar solo_tendria_que_mirar solo_observar solo_de_prueba a_la_sombra | shadow
parte_del_trafico parte_de_los_usuarios una_parte_de_los | canary
en_los_demas_paises en_el_resto_de_paises en_un_solo_pais solo_en | country single
del_que_dependemos de_la_que_dependemos al_que_llamamos a_la_que_llamamos que_llamamos | dependency upstream
los_que_escriben el_que_escribe quien_escribe los_que_mandan el_que_manda | producer upstream
los_que_leen el_que_lee quien_lee | consumer
se_bloquean_entre se_esperan_entre esperan_unos_a_otros espera_a_otra | lock deadlock
la_maquina_donde la_caja el_fierro | host
""".strip()

PORTUGUESE = """
caiu_tudo saiu_do_ar esta_fora parou_de_responder morreu esta_morto nao_da_sinal nao_da_sinais nao_responde_mais
  foi_pro_chao foi_para_o_chao ta_fora de_pernas_pro_ar | down
nao_da_para_chegar nao_conseguimos_chegar nao_alcancamos nao_conseguimos_acessar nao_da_para_acessar | unreachable
nao_aparece_mais nao_esta_mais escafedeu evaporou perdemos_de_vista | missing down
nao_sobe nao_quer_subir nao_inicia nao_levanta nao_liga | start fail
cai_toda_hora cai_o_tempo_todo fica_caindo vive_caindo cai_a_cada nao_para_de_cair nao_para_de_reiniciar
  reinicia_sozinho fica_reiniciando vive_reiniciando reinicia_a_cada reinicia_toda_hora | crash restart
subir_de_novo derrubar_e_subir | restart
estourou estoura explodiu quebrou quebra pifou pifa deu_pau da_pau deu_ruim deu_errado da_errado esta_vermelho
  ficou_vermelho nao_roda nao_vai | fail
vai_e_volta de_vez_em_quando as_vezes_sim hora_sim_hora_nao volta_e_meia | intermittent flapping
nas_alturas la_em_cima disparou dispararam disparado fora_de_controle nas_nuvens explodiram | high spike
um_monte_de uma_porcao_de uma_enxurrada_de uma_onda_de uma_avalanche_de uma_rajada_de centenas_de milhares_de
  muito_mais bem_mais | high
de_repente do_nada de_uma_hora_para_outra da_noite_para_o_dia sem_aviso | sudden
cada_vez_mais aos_poucos vem_subindo nao_para_de_subir nao_para_de_crescer so_aumenta so_cresce continua_subindo |
  increase growing
despencou despencaram desabou foi_la_embaixo em_queda_livre cada_vez_menos muito_menos bem_menos | drop
quase_nada quase_nenhum quase_nenhuma mal_chega mal_entra nao_entra_mais nao_chega_mais pararam_de_chegar
  parou_de_chegar nao_entra_nada nao_chega_nada | low missing
no_talo no_gargalo a_todo_vapor a_cem_por_cento no_maximo no_limite afogado afogando sufocado sobrecarregadissimo
  nao_aguenta nao_aguenta_mais nao_da_conta nao_dao_conta | saturated overloaded
nao_acompanha nao_acompanham nao_consegue_acompanhar nao_conseguem_acompanhar fica_para_tras ficando_para_tras
  cada_vez_mais_atrasado | lag behind
acumulando acumulam se_acumulando se_acumulam empilhando empilham vai_acumulando na_fila fazendo_fila | backlog queue
fica_pendurado ficou_pendurado ficam_penduradas ficam_pendurados fica_esperando ficam_esperando nao_anda nao_andam
  nao_avanca nao_avancam nao_termina nao_terminam nunca_termina nao_acaba parado_desde sem_avancar | stuck
esta_lento muito_lento demora_muito demora_demais demoram_muito demoram_demais demora_uma_eternidade leva_o_dobro
  demora_mais demoram_mais se_arrasta se_arrastando a_passo_de_tartaruga custa_a_responder | slow latency
estoura_o_tempo estourou_o_tempo da_timeout dao_timeout deu_timeout | timeout
ficamos_sem ficou_sem ficaram_sem acabaram nao_tem_mais nao_sobra nao_sobrou nao_restam foi_tudo_gasto | exhausted
quase_cheio prestes_a_encher esta_enchendo vai_encher pouco_espaco | near full disk
nao_cabe nao_cabe_mais nao_cabe_nada nao_tem_espaco sem_lugar lotado lotada | full space
come_toda comendo_toda devora sugando engolindo monopoliza monopolizando | usage high consume
do_lado de_outro_time de_outra_equipe de_outros_times alheio | other tenant neighbour
nao_deixa_entrar nao_me_deixa_entrar nao_consigo_entrar nao_conseguimos_entrar | login denied authentication
nao_me_deixa nao_nos_deixa nao_deixa_que nao_deixa_publicar | refused denied
manda_de_volta barra barram barrando esta_barrando diz_que_nao dizem_que_nao | declined refused reject
nao_passam nao_passa nao_estao_passando ninguem_consegue_pagar nao_conseguem_pagar nao_da_para_pagar | payment
  declined fail
chamamos_demais pedimos_demais rapido_demais vezes_demais | rate_limit throttled
nos_cortou nos_cortaram nos_bloqueou nos_bloquearam | blocked limit
bateu_no_teto chegou_no_teto bateu_o_teto nao_cresce_mais nao_deixa_subir_mais nao_pode_subir_mais | limit maximum
passou_de passou_dos acima_de acima_do acima_da | above exceeded
ninguem_renovou nao_foi_renovado sem_renovar nao_vale_mais nao_e_mais_valido deixou_de_valer perdeu_a_validade |
  expired
nao_e_seguro nao_e_segura cadeado | certificate tls
subimos colocamos_no_ar foi_pro_ar foi_para_o_ar entrou_no_ar foi_para_producao colocamos_em_producao depois_da_subida
  depois_do_deploy | deployment release
voltar_para_a_anterior voltar_para_a_de_antes voltar_a_versao voltar_atras desfazer_a dar_para_tras | rollback
alguem_mexeu alguem_mudou alguem_trocou mexeram mexeu_na mexeu_no mexeram_na | changed configuration
ninguem_mexeu ninguem_mudou ninguem_trocou nao_mexemos nada_mudou nao_houve_mudanca nao_houve_deploy sem_ninguem |
  without release
ninguem_sabe_quem nao_se_sabe_quem sem_avisar por_fora as_escondidas | changed unrecorded
nao_bate nao_batem nao_confere nao_conferem nao_sao_iguais nao_e_o_mesmo nao_sao_os_mesmos | mismatch differ
nao_se_parecem nao_se_parece nao_parecem_mais nao_parece_mais nao_sao_mais_como nao_e_mais_como | drift shift
chegam_vazios chegam_vazias vem_vazio vem_vazios vem_vazias em_branco sem_valor sem_preencher | null missing
nao_atualiza nao_atualizam nao_foi_atualizado nao_foram_atualizados nao_foram_atualizadas sem_atualizar de_ontem
  de_horas_atras de_dias_atras desde_ontem parou_no | stale old
devia_ter_chegado deveria_ter era_para_ter nao_chegou ainda_nao_chegou sem_chegar continua_sem_chegar | late overdue
nao_rodou nao_executou nao_foi_executado nao_disparou | missing run
nao_consegue_ler nao_conseguem_ler nao_conseguimos_ler nao_da_para_ler nao_entende engasga | parse error
jogados_fora descartados sendo_jogados | discarded dropped
duas_vezes em_dobro cobranca_dupla | duplicate
esquenta esquentando quente_demais fervendo | temperature throttling
mais_devagar reduziu_a_velocidade baixou_a_velocidade | slow throttling
memoria_da_placa memoria_grafica placa_grafica placa_de_video | gpu memory
custa_uma_fortuna quanto_pagamos o_que_pagamos sai_caro estamos_gastando gastamos | cost spend
acabou_o_dinheiro nao_tem_dinheiro sem_credito sem_saldo | budget exhausted
o_que_contratamos o_contratado as_consultas_contratadas nosso_plano | quota contract
ninguem_aprova ninguem_da_o_ok ninguem_responde_as esperando_aprovacao sem_aprovar | approval pending
tarjado tarjados escondido_do_texto | redaction withheld
poucos_centavos valores_minimos cobrancas_pequenas pagamentos_pequenos | card testing small_amount
numeros_roubados cartoes_roubados | card testing fraud
ponto_de_corte linha_de_corte nota_de_corte | threshold
com_o_que_foi_treinado com_o_que_treinamos ao_treinar | training offline
so_deveria_olhar so_deveria_observar so_de_teste | shadow
parte_do_trafego parte_dos_usuarios uma_parte_dos | canary
nos_outros_paises no_resto_dos_paises em_um_so_pais so_em | country single
de_quem_dependemos do_qual_dependemos que_chamamos a_quem_chamamos | dependency upstream
quem_escreve quem_publica quem_envia | producer upstream
quem_le quem_consome | consumer
esperam_uma_pela_outra espera_pela_outra travando_uns | lock deadlock
""".strip()
