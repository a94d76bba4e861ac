"""What people say around the terms of operations, in English, Spanish and Portuguese: a table like that of `concepts`.

Verbs, things, qualities, quantities and times of technical prose, one concept a line. The table was held against the
messages of GNU's tools, Git and PostgreSQL in the three languages (`python -m benchmarks.translations`), and never
against alerts.
"""

from __future__ import annotations

EVERYDAY = """
use using used | usar uso usa usan usado usando usada utilizar emplear empleo | usar uso usa usam usado usando usada
  utilizar utilizado empregar
can able possible | poder puede pueden podria posible capaz | poder pode podem podia possivel consegue conseguem capaz
must should need require necessary required mandatory | deber debe deben deberia necesitar necesita necesario requerir
  requiere requerido obligatorio | dever deve devem deveria precisar precisa necessitar necessario requerer requer
  exigido obrigatorio
want wish desire | querer quiere quieren desear | querer quer querem desejar
have has possess hold | tener tiene tienen tenia posee contener contiene | ter tem possui possuem conter contem
exist existing there_is | existir existe existente | existir existe existente
be_made produce cause due_to because | causar causa provocar provoca producir produce produjo porque motivo | causar
  causa provocar provoca produzir produz porque motivo
know known aware | saber conocer conocido conoce | saber conhecer conhecido conhece
see view look watch show shown display visible | ver vista mirar mostrar muestra visible | ver visao olhar mostrar
  mostra exibir exibe visivel
find locate search look_for lookup | encontrar buscar busqueda localizar hallar | encontrar buscar busca procurar
  procura localizar achar
get obtain receive gets take | obtener tomar toma consigue conseguir | obter tomar toma pegar leva
give return yield | dar da devolver devuelve retornar | dar da devolver devolve retornar retorna
make do done perform carry_out | hacer hace hecho realizar efectuar | fazer faz feito realizar efetuar
set put specify define place | establecer definir definido poner especificar fijar colocar | definir definido por
  colocar especificar estabelecer fixar
add append attach extra additional | agregar anadir anade adicional adjuntar | adicionar acrescentar anexar adicional
remove take_away strip withdraw | quitar eliminar suprimir retirar | retirar remover tirar suprimir
move shift relocate transfer | mover traslado trasladar transferir | mover deslocar transferir
copy duplicate clone | copiar copia clonar | copiar copia clonar
replace swap substitute exchange swapped | reemplazar sustituir cambiar intercambiar | substituir trocar troca
convert transform turn_into | convertir transformar conversion | converter transformar conversao
rename renamed | renombrar renombrado | renomear renomeado
modify alter edit amend modified edited | modificar editar modificacion alterar | modificar editar modificacao alterar
save keep retain store preserve persist | guardar conservar mantener retener almacenar persistir | guardar salvar
  manter reter armazenar persistir
load loading | cargar carga cargado | carregar carga carregado
send sent submit transmit | enviar enviado mandar | enviar enviado mandar
bring deliver supply provide serve served | proporcionar suministrar servir sirve proveer | fornecer servir serve
  prover
go goes run_to walk | ir va van iba | ir vai vao
come arrive arrives landed reach | venir llegar llega llegado viene | vir chegar chega chegado vem
leave exit quit leaves gone | salir sale salida dejar deja | sair sai saida deixar deixa
enter join insert | entrar entra ingresar unir insertar | entrar entra ingressar juntar inserir
stop halt pause suspend cease | detener parar pausar suspender cesar detiene | parar pausar suspender cessar
  interromper
continue resume proceed carry_on | continuar reanudar seguir sigue proseguir | continuar retomar seguir prosseguir
begin start initial first | comenzar empezar iniciar inicial primero primera | comecar iniciar inicial primeiro
  primeira
end finish final conclude | terminar finalizar fin final acabar concluir | terminar finalizar fim final acabar
  concluir
try attempt retry test trial | intentar probar prueba ensayo | tentar testar teste ensaio experimentar
check verify validate examine inspect review | comprobar verificar revisar examinar validar chequear inspeccionar |
  verificar conferir revisar examinar validar checar inspecionar
compare comparison contrast | comparar comparacion | comparar comparacao
choose select pick chosen | elegir seleccionar escoger | escolher selecionar
decide decision determine judge | decidir decision determinar | decidir decisao determinar
allow permit let grant enable accept allowed | permitir permite dejar conceder autorizar aceptar | permitir permite
  deixar conceder autorizar aceitar
forbid deny prohibit prevent disallow block ban blocked | prohibir negar impedir evitar bloquear vetar | proibir negar
  impedir evitar bloquear barrar vetar
refuse reject decline turn_down turned_down turns_down turn_away turns_away denied | rechazar denegar negar rehusar |
  recusar rejeitar negar
cancel abort revoke undo | cancelar abortar revocar deshacer anular | cancelar abortar revogar desfazer anular
wait await hold_on | esperar aguardar espera | esperar aguardar espera
ask request inquire | pedir preguntar solicitar pide | pedir perguntar solicitar pede
answer respond reply respond_to | responder contestar responde | responder responde
say tell state report says | decir dice informar indicar senalar avisar | dizer diz informar indicar sinalizar avisar
mean meaning signify indicate | significar significa indicar | significar significa indicar
write written record store log | escribir escrito grabar registrar anotar | escrever escrito gravar registrar registar
  anotar
read reads unreadable | leer lee leido | ler le lido
open opening | abrir abre abierto | abrir abre aberto
close closing shut | cerrar cierra cerrado | fechar fecha fechado
connect attach link | conectar enlazar unir | conectar ligar unir
disconnect detach unplug disconnected | desconectar desconectado | desconectar desconectado desligar
break broken breaks split | romper rompe roto | quebrar quebra quebrado romper
fix solve resolve repair mend correct | arreglar resolver solucionar corregir reparar | consertar resolver solucionar
  corrigir reparar arrumar
help assist support | ayudar ayuda asistir soportar | ajudar ajuda suportar apoiar
hurt harm affect impact damage | danar afectar afecta perjudicar impacto | danificar afetar afeta prejudicar impacto
happen occur take_place occurs | ocurrir suceder pasar ocurre sucede | ocorrer acontecer ocorre acontece
appear show_up emerge seem | aparecer aparece surgir parecer parece | aparecer aparece surgir parecer parece
vanish disappear lost go_away went_away | desaparecer desaparece desaparecido perderse | sumir sumiu desaparecer
  desaparece perder
stay remain keep remains persist | quedar permanecer queda seguir continuar quedarse | ficar permanecer fica continuar
  continua seguir
become turn get_to | volverse convertirse hacerse ponerse | virar tornar ficar
grow increase rise climb go_up goes_up went_up rose creep creeps up | subir crecer aumentar sube crece aumenta elevar
  incrementar ascender | subir crescer aumentar sobe cresce aumenta elevar
fall decrease drop decline sink go_down goes_down went_down fell dip lower reduce reduced collapse collapsed plunge |
  bajar caer disminuir reducir descender baja cae cayo cayeron disminuye reduce desplomarse | cair baixar diminuir
  reduzir descer cai caiu cairam diminui reduz despencar
jump spike surge soar skyrocket explode shot_up exploded jumped doubled tripled | dispararse disparo saltar salto pico
  explotar duplicar triplicar multiplicar | disparar disparou saltar pular pulou pico explodir explodiu dobrar
  triplicar multiplicar
double twice twofold | doble duplicar duplico | dobro dobrar dobrou duplicar
exceed overrun pass overstep beyond went_over over | pasar superar rebasar sobrepasar exceder excede | passar superar
  ultrapassar exceder excede
last take endure takes lasts | durar tardar tarda dura demorar | durar demorar demora dura levar
hurry fast quick speed | rapido veloz velocidad rapidez | rapido veloz velocidade rapidez
slow slowly sluggish crawl drag takes_ages take_ages takes_forever | despacio lento lentamente lentitud | devagar
  lento lentamente lentidao vagaroso
die dead kill killed died | morir muere mueren muerto matar | morrer morre morrem morto matar
crash crashed crashes collapse blow_up panic abort | caerse estrellarse colapsar | travar quebrar derrubar colapsar
hang hung freeze stuck blocked halted stalled | colgarse colgado congelar congelado atascarse atascado atorado
  paralizado parado paradas parada | pendurado congelar congelado travar travado emperrado paralisado parado parada
  paradas
fill full crowded | llenar lleno llena | encher cheio cheia lotar lotado
empty blank void clear flush flushed wiped purge | vaciar vacio vacia vacios blanco purgar | esvaziar vazio vazia
  vazios branco purgar
spend consume burn waste eat expend spent | gastar consumir malgastar gasto consumo | gastar consumir desperdicar
  gasto consumo
exhaust use_up deplete run_out used_up | agotar acabarse agotado acabar | esgotar acabar esgotado
lack miss missing absent without shortage lacks short_of | faltar falta faltan carecer escasez sin | faltar falta
  faltam carecer escassez sem
lose loss lost | perder pierde perdida perdido | perder perde perda perdido
win gain obtain | ganar ganancia | ganhar ganho
pay payment paid | pagar pago | pagar pagamento pago
buy purchase | comprar compra | comprar compra
sell sale | vender venta | vender venda
work working function operate | trabajar funcionar funciona funcionan trabajo operar | trabalhar funcionar funciona
  funcionam trabalho operar
run running execute launch | correr corre corriendo ejecutar lanzar | correr rodar roda rodando executar lancar
build compile construct | construir compilar compilacion | construir compilar compilacao
draw plot graph chart | dibujar grafico grafica | desenhar grafico
count number amount quantity how_many | contar conteo recuento cuenta cantidad numero | contar contagem quantidade
  numero
measure measurement metric gauge | medir medida medicion mide | medir medida medicao mede
calculate compute estimate | calcular calculo estimar | calcular calculo estimar
predict forecast foresee expect | predecir prever pronosticar preve esperar | prever predizer prognosticar preve
  esperar
believe think suspect assume | creer pensar sospechar suponer | acreditar pensar suspeitar supor achar
learn train study | aprender entrenar estudiar | aprender treinar estudar
share shared common | compartir compartido comun | compartilhar compartilhado partilhado comum
divide split separate apart | dividir separar partir separado | dividir separar partir separado
combine merge join unify | combinar fusionar unir mezclar | combinar mesclar unir juntar fundir
match correspond agree fit coincide tally | coincidir corresponder encajar concordar coincide cuadrar | coincidir
  corresponder encaixar concordar bater bate casar
differ deviate diverge disagree other different distinct | diferir divergir discrepar distinto diferente otro otra |
  diferir divergir discordar distinto diferente outro outra
resemble like similar same equal alike identical | parecer parecido similar igual mismo misma identico | parecer
  parecido similar igual mesmo mesma identico
repeat again repeated recur | repetir repetido | repetir repetido
avoid prevent skip ignore omit | evitar omitir ignorar saltar | evitar omitir ignorar pular
follow next subsequent after following | seguir siguiente siguientes despues tras luego posterior | seguir seguinte
  seguintes proximo depois apos posterior
before previous earlier former prior last | antes anterior anteriores previo | antes anterior anteriores previo
now current present currently | ahora actual actualmente presente | agora atual atualmente presente actual
soon shortly presently | pronto en_breve proximamente | breve logo em_breve
today | hoy | hoje
yesterday | ayer anoche | ontem
tomorrow | manana | amanha
night overnight last_night midnight | noche anoche medianoche | noite madrugada meia_noite
morning this_morning | manana esta_manana | manha
week weekly weeks | semana semanas semanal | semana semanas semanal
month monthly months | mes meses mensual | mes meses mensal
year yearly years annual | ano anos anual | ano anos anual
date day | fecha dia | data dia
moment time once instant | momento vez instante veces | momento vez instante vezes
long prolonged extended lengthy ages for_hours for_days | largo prolongado mucho_tiempo rato | longo prolongado
  muito_tempo
short brief | corto breve | curto breve
early too_early premature | temprano prematuro | cedo prematuro
late overdue delayed tardy too_late | tarde tardio demorado retrasado | tarde tardio demorado atrasado
old ancient aged older stale | viejo antiguo vieja antigua | velho antigo velha antiga
new newer newest fresh latest recent | nuevo nueva nuevos nuevas reciente | novo nova novos novas recente
big large great huge enormous massive larger | grande gran enorme masivo mayor | grande enorme massivo maior
small little tiny minor smaller few | pequeno poco menor chico diminuto | pequeno pouco menor minusculo
high tall upper top higher raised | alto alta superior altos elevado | alto alta superior altos elevado
low bottom inferior lower | bajo baja inferior bajos | baixo baixa inferior baixos
more additional further greater plus | mas mayor adicional | mais maior adicional
less fewer lower minus | menos menor | menos menor
enough sufficient adequate | suficiente bastante basta | suficiente bastante basta
too excessive overly too_much too_many | demasiado demasiada demasiados demasiadas excesivo | demais demasiado
  excessivo muito
maximum most ceiling upper_limit peak max top | maximo tope pico cima | maximo teto pico
minimum least floor lowest | minimo piso | minimo piso
average mean typical usual normal | promedio medio media tipico | medio media tipico
usual normal ordinary regular habitual expected baseline typical | normal habitual usual corriente acostumbrado |
  normal habitual usual comum costume
unusual abnormal strange odd unexpected anomalous weird anomaly | inusual anormal extrano raro anomalo anomalia |
  incomum anormal estranho raro anomalo anomalia
good fine well right ok | bueno buena bien correcto buenos | bom boa bem correto bons
bad poor wrong worse worsen worst | malo mala mal peor empeorar | mau ma mal pior piorar
better improve best improved | mejor mejorar mejora | melhor melhorar melhora
correct right valid proper accurate | correcto valido adecuado exacto | correto valido adequado certo exato
wrong incorrect false invalid mistaken | incorrecto equivocado falso erroneo | incorreto errado falso erroneo
true real actual | verdadero real cierto | verdadeiro real certo
full whole entire complete total | entero completo total todo | inteiro completo total todo
partial part incomplete portion piece | parcial parte incompleto porcion trozo | parcial parte incompleto porcao
  pedaco
empty none nothing null | nada ninguno vacio nulo | nada nenhum vazio nulo
same equal | mismo misma mismos igual | mesmo mesma mesmos igual
only single alone just sole | solo unico unica solamente | so unico unica somente apenas sozinho
every each all any | cada todo toda todos cualquier cualquiera | cada todo toda todos qualquer
both two pair couple | ambos dos par | ambos dois duas par
one once | uno una | um uma
three third | tres tercero | tres terceiro
four fourth quarter | cuatro cuarto | quatro quarto
five fifth | cinco quinto | cinco quinto
ten tenth | diez decimo | dez decimo
hundred hundreds | cien ciento cientos | cem cento centenas
thousand thousands | mil miles | mil milhares
million millions | millon millones | milhao milhoes
many lots plenty numerous a_lot | muchos muchas numerosos | muitos muitas numerosos
several various some different_ones | varios varias algunos | varios varias alguns
almost nearly practically virtually | casi practicamente | quase praticamente
always permanently constantly forever | siempre permanentemente constante | sempre permanentemente constante
never not_ever | nunca jamas | nunca jamais
often frequently commonly | frecuentemente frecuencia menudo | frequentemente frequencia
sometimes occasionally now_and_then sporadic intermittent | veces ocasional esporadico intermitente | vezes ocasional
  esporadico intermitente
suddenly abruptly at_once all_at_once sudden | repente subitamente brusco repentino golpe | repente subitamente brusco
  repentino
gradually slowly little_by_little step_by_step creeping | poco_a_poco gradualmente paulatinamente | pouco_a_pouco
  gradualmente aos_poucos
immediately at_once right_away promptly now | inmediatamente inmediato enseguida | imediatamente imediato logo
automatically automatic auto | automatico automaticamente | automatico automaticamente
manually by_hand manual | manual manualmente mano | manual manualmente mao
remote far distant | remoto remota lejano distante | remoto remota distante
local near nearby | local cercano | local proximo
internal inside within inner | interno dentro interior | interno dentro interior
external outside outer third_party | externo fuera exterior tercero | externo fora exterior terceiro
public open | publico publica | publico publica
private secret confidential privacy | privado secreto privacidad | privado secreto privacidade
sensitive personal | sensible personal | sensivel pessoal
hide hidden conceal mask suppress withhold withheld suppressed | ocultar oculto esconder enmascarar retener | ocultar
  oculto esconder mascarar reter
safe secure security | seguro seguridad | seguro seguranca
danger risk hazard dangerous risky | peligro riesgo peligroso | perigo risco perigoso
important critical essential severe serious | importante critico esencial grave | importante critico essencial grave
urgent emergency immediate | urgente emergencia | urgente emergencia
free available unused spare vacant | libre disponible vacante | livre disponivel vago
busy occupied in_use engaged loaded | ocupado ocupada | ocupado ocupada
ready prepared | listo preparado lista | pronto preparado pronta
active live alive enabled on | activo vivo activa vivos activado | ativo vivo ativa ativado
inactive idle off disabled disable | inactivo desactivado apagado | inativo desativado desligado
hot warm overheated heat overheating | caliente calor sobrecalentado | quente calor superaquecido aquecido
cold cool chill | frio fria enfriar | frio fria esfriar
hard difficult | dificil duro | dificil duro
easy simple plain | facil sencillo simple | facil simples
heavy weight | pesado peso | pesado peso
deep depth | profundo profundidad | profundo profundidade
wide width broad | ancho amplio | largo amplo largura
length size long | longitud largo tamano | comprimento tamanho
name called title | nombre llamado nombres | nome chamado nomes
kind type sort class category | tipo clase categoria | tipo classe categoria
way manner mode method form | modo manera forma metodo | modo maneira forma metodo
reason cause motive root_cause | razon causa motivo | razao causa motivo
result outcome effect consequence | resultado efecto consecuencia | resultado efeito consequencia
place location site where position | lugar sitio ubicacion posicion | lugar local sitio localizacao posicao
side edge border | lado borde | lado borda
front head ahead | frente cabeza delante | frente cabeca
back behind rear backward | atras detras | atras
top above over up | encima arriba cima | cima acima
bottom below under down | abajo debajo | baixo abaixo
left leftover rest remaining | resto restante sobra quedan | resto restante sobra
middle halfway centre half | medio mitad centro | meio metade centro
between among | entre | entre
against | contra | contra
together jointly along | junto juntos | junto juntos
person people human somebody someone anybody | persona personas alguien gente humano | pessoa pessoas alguem gente
  humano
nobody no_one | nadie ninguno | ninguem nenhum
group team crew | grupo equipo | grupo equipe time equipa
owner responsible in_charge | propietario responsable dueno encargado | proprietario responsavel dono encarregado
company business firm | empresa compania negocio | empresa companhia negocio
shop store market merchant | tienda mercado comercio comercios | loja mercado comercio lojas
bank issuer banks | banco bancos emisor | banco bancos emissor
money funds cash price amount | dinero fondos precio importe monto | dinheiro fundos preco valor montante
contract agreement plan subscription | contrato acuerdo plan contratado | contrato acordo plano contratado
list catalogue directory | lista listado catalogo directorio | lista listagem catalogo diretorio
page document | pagina documento | pagina documento
text string wording | texto cadena | texto cadeia
word term | palabra termino | palavra termo
number digit figure | numero cifra digito | numero digito cifra
code source_code | codigo | codigo
key identifier id | clave identificador | chave identificador
step stage phase | paso etapa fase | passo etapa fase
path way route | camino ruta | caminho rota
tree branch root | arbol rama raiz | arvore ramo raiz
line row | linea lineas fila | linha linhas
column field attribute | columna campo atributo columnas campos | coluna campo atributo colunas campos
table chart board | tabla tablero | tabela quadro
input incoming ingress entry | entrada entradas | entrada entradas
output outgoing result | salida salidas | saida saidas
format form layout | formato | formato
order command instruction | orden comando ordenes instruccion | ordem comando ordens instrucao
option setting parameter argument flag | opcion parametro argumento opciones ajuste | opcao parametro argumento opcoes
  ajuste
rule law policy | regla norma politica | regra norma politica
example sample instance | ejemplo muestra | exemplo amostra
pattern template model | patron plantilla modelo | padrao modelo gabarito
level degree tier layer | nivel grado capa | nivel grau camada
range span band interval | rango banda intervalo | intervalo faixa alcance
point spot dot | punto puntos | ponto pontos
event incident occurrence | evento incidente suceso | evento incidente ocorrencia
problem issue trouble difficulty | problema inconveniente dificultad lio | problema dificuldade
error mistake fault bug defect exception exceptions | error fallo defecto excepcion falla fallos | erro falha defeito
  excecao falhas
warning notice caution | aviso advertencia atencion | aviso advertencia atencao
question doubt query | pregunta duda consulta | pergunta duvida consulta
attack intrusion hack | ataque intrusion | ataque invasao
thief steal stolen fraud fraudster | robar robado ladron fraude | roubar roubado ladrao fraude
customer client consumer buyer cardholder | cliente clientes comprador titular | cliente clientes comprador titular
supplier provider vendor seller | proveedor vendedor proveedores | fornecedor vendedor provedor
country nation market | pais mercado | pais mercado
world global worldwide | mundo global | mundo global
history past record | historia historial pasado | historia historico passado
future upcoming | futuro | futuro
language speech | lenguaje idioma | linguagem idioma lingua
picture image photo | imagen foto | imagem foto
""".strip()
