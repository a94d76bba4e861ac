"""The first minute, what is missing, answers and the timeline, in the three languages."""

from __future__ import annotations

from .computed_phrases import Phrases

_FIRST_MINUTE: Phrases = (
    (
        "about {w1} payments lost, worth {a} and {b}",
        "unos {w1} pagos perdidos, por {a} y {b}",
        "cerca de {w1} pagamentos perdidos, no valor de {a} e {b}",
    ),
    (
        "about {w1} payments lost, worth {a}",
        "unos {w1} pagos perdidos, por {a}",
        "cerca de {w1} pagamentos perdidos, no valor de {a}",
    ),
    ("about {w1} payments lost", "unos {w1} pagos perdidos", "cerca de {w1} pagamentos perdidos"),
    ("{o1}: approval {a} → {b}", "{o1}: aprobación {a} → {b}", "{o1}: aprovação {a} → {b}"),
    ("{o1}: chargeback {a} → {b}", "{o1}: contracargos {a} → {b}", "{o1}: chargeback {a} → {b}"),
    (
        "none of {w1} error budgets burns too fast; the fastest is {o1} at {w2}",
        "ninguno de {w1} presupuestos de error se consume de más; el más rápido es {o1}, a {w2}",
        "nenhum de {w1} orçamentos de erro se consome rápido demais; o mais rápido é {o1}, a {w2}",
    ),
    ("{a} burns {w1} × too fast", "{a} se consume {w1} × de más", "{a} se consome {w1} × rápido demais"),
    (
        "{a} of {b} of budget is gone at least",
        "al menos {a} de {b} del presupuesto se ha ido",
        "ao menos {a} de {b} do orçamento se foi",
    ),
    ("the rest lasts {a}", "el resto dura {a}", "o resto dura {a}"),
    ("nothing is left", "no queda nada", "não resta nada"),
    ("{w1} more burn too fast", "{w1} más se consumen de más", "mais {w1} se consomem rápido demais"),
    (
        "{w1} of {w2} that depend on it show harm: {o1}",
        "{w1} de {w2} que dependen de él muestran daño: {o1}",
        "{w1} de {w2} que dependem dele mostram dano: {o1}",
    ),
    (
        "{w1} of {w2} that depend on it shows harm: {o1}",
        "{w1} de {w2} que dependen de él muestra daño: {o1}",
        "{w1} de {w2} que dependem dele mostra dano: {o1}",
    ),
    (
        "{w1} of {w2} that depend on it show harm",
        "{w1} de {w2} que dependen de él muestran daño",
        "{w1} de {w2} que dependem dele mostram dano",
    ),
    (
        "{w1} of {w2} that depend on it shows harm",
        "{w1} de {w2} que dependen de él muestra daño",
        "{w1} de {w2} que dependem dele mostra dano",
    ),
    ("{a} and {w1} more", "{a} y {w1} más", "{a} e mais {w1}"),
    ("it reaches the entry {a}", "alcanza la entrada {a}", "alcança a entrada {a}"),
    ("{a} of traces pass it", "{a} de las trazas pasan por él", "{a} dos rastros passam por ele"),
    ("{w1} not measured", "sin medir: {w1}", "sem medir: {w1}"),
    (
        "{a} · on call: {b}",
        "{a} · de guardia: {b}",
        "{a} · de plantão: {b}",
    ),
    (
        "at {w1} UTC, {a} before the window opens",
        "a las {w1} UTC, {a} antes de que se abra la ventana",
        "às {w1} UTC, {a} antes de a janela se abrir",
    ),
    (
        "at {w1} UTC, {a} after the window opens",
        "a las {w1} UTC, {a} después de que se abra la ventana",
        "às {w1} UTC, {a} depois de a janela se abrir",
    ),
    ("{w1} {w2} on {w3}", "{w1} {w2} en {w3}", "{w1} {w2} em {w3}"),
    ("solved by: {a}", "se resolvió con: {a}", "resolvido com: {a}"),
    ("what solved it is not known", "no se sabe qué lo resolvió", "não se sabe o que o resolveu"),
    ("cause: {a}", "causa: {a}", "causa: {a}"),
    ("suspected then: {o1}", "se sospechó entonces: {o1}", "suspeitou-se então: {o1}"),
    (
        "people called the report {o1}",
        "la gente calificó el informe de {o1}",
        "as pessoas chamaram o relatório de {o1}",
    ),
    ("right", "correcto", "correto"),
    ("partly", "correcto en parte", "correto em parte"),
    ("wrong", "incorrecto", "incorreto"),
    ("in common: {l1}", "en común: {l1}", "em comum: {l1}"),
    ("log pattern {a}", "patrón de registro {a}", "padrão de registro {a}"),
    ("indicator {w1}", "indicador {w1}", "indicador {w1}"),
    ("entity {w1}", "entidad {w1}", "entidade {w1}"),
    ("see {w1}", "vea {w1}", "veja {w1}"),
    (
        "{w1} of {w2} times this alert came to nothing ({o1})",
        "{w1} de {w2} veces esta alerta quedó en nada ({o1})",
        "{w1} de {w2} vezes este alerta deu em nada ({o1})",
    ),
    ("{t1}, last on {w1}", "{t1}, la última el {w1}", "{t1}, a última em {w1}"),
    ("people say so of {w1}", "la gente lo dice de {w1}", "as pessoas dizem isso de {w1}"),
    ("nobody has confirmed it", "nadie lo ha confirmado", "ninguém confirmou"),
    (
        "for the suspected cause: {a} (shares words only)",
        "para la causa sospechada: {a} (solo comparte palabras)",
        "para a causa suspeita: {a} (só compartilha palavras)",
    ),
    (
        "for the suspected cause: {a} (shares words only; {b} fits about as well)",
        "para la causa sospechada: {a} (solo comparte palabras; {b} encaja casi igual)",
        "para a causa suspeita: {a} (só compartilha palavras; {b} serve quase igual)",
    ),
    ("for the suspected cause: {a}", "para la causa sospechada: {a}", "para a causa suspeita: {a}"),
    ("for the alert: {a}", "para la alerta: {a}", "para o alerta: {a}"),
    ("{a} (shares words only)", "{a} (solo comparte palabras)", "{a} (só compartilha palavras)"),
    (
        "{a} (shares words only; {b} fits about as well)",
        "{a} (solo comparte palabras; {b} encaja casi igual)",
        "{a} (só compartilha palavras; {b} serve quase igual)",
    ),
    ("read {a} › {b}", "leer {a} › {b}", "ler {a} › {b}"),
    ("step {w1} {o1}", "paso {w1} {o1}", "passo {w1} {o1}"),
    ("needs a person", "necesita a una persona", "precisa de uma pessoa"),
    ("found nothing", "no halló nada", "não achou nada"),
    ("not held", "no se cumplió", "não se cumpriu"),
    ("held", "se cumplió", "se cumpriu"),
)
_GAPS: Phrases = (
    (
        "there is no quiet time to compare with: no shift can be computed",
        "no hay un tiempo de calma con que comparar: no se puede calcular ningún cambio",
        "não há um tempo de calma com que comparar: nenhuma mudança pode ser calculada",
    ),
    (
        "no system is configured that holds {o1}",
        "no hay ningún sistema configurado que tenga {o1}",
        "não há nenhum sistema configurado que tenha {o1}",
    ),
    ("the snapshot has no table {a}", "la instantánea no tiene la tabla {a}", "o instantâneo não tem a tabela {a}"),
    ("metrics", "métricas", "métricas"),
    ("logs", "registros", "registros"),
    ("spans", "trazas", "rastros"),
    ("changes", "cambios", "mudanças"),
    ("alerts", "alertas", "alertas"),
    ("{w1}: error: {o1}", "{w1}: falló: {o1}", "{w1}: falhou: {o1}"),
    ("{w1}: denied: {o1}", "{w1}: denegado: {o1}", "{w1}: negado: {o1}"),
    ("{w1}: no data: {o1}", "{w1}: sin datos: {o1}", "{w1}: sem dados: {o1}"),
    ("{w1}: nothing to compare: {o1}", "{w1}: nada que comparar: {o1}", "{w1}: nada a comparar: {o1}"),
    (
        "no series has samples on both sides",
        "ninguna serie tiene muestras de ambos lados",
        "nenhuma série tem amostras dos dois lados",
    ),
    (
        "no series lies in the window or its baseline",
        "no hay series en la ventana ni en su base",
        "não há séries na janela nem na sua base",
    ),
    (
        "no line lies in the window or its baseline",
        "no hay líneas en la ventana ni en su base",
        "não há linhas na janela nem na sua base",
    ),
    (
        "no span starts in the window or its baseline",
        "no empieza ningún tramo en la ventana ni en su base",
        "nenhum trecho começa na janela nem na sua base",
    ),
    (
        "no span starts in the window, {w1} in the baseline",
        "no empieza ningún tramo en la ventana, {w1} en la base",
        "nenhum trecho começa na janela, {w1} na base",
    ),
    (
        "no operation has requests in both windows",
        "ninguna operación tiene solicitudes en ambas ventanas",
        "nenhuma operação tem solicitações nas duas janelas",
    ),
    (
        "no change is recorded in this time range",
        "no consta ningún cambio en este tiempo",
        "não consta nenhuma mudança neste tempo",
    ),
    (
        "no payment is recorded in the window or its baseline",
        "no consta ningún pago en la ventana ni en su base",
        "não consta nenhum pagamento na janela nem na sua base",
    ),
    (
        "no payment was attempted in the window",
        "no se intentó ningún pago en la ventana",
        "nenhum pagamento foi tentado na janela",
    ),
    (
        "no feature value is recorded in the window or its baseline",
        "no consta ningún valor de característica en la ventana ni en su base",
        "não consta nenhum valor de atributo na janela nem na sua base",
    ),
    (
        "no prediction is recorded in the window or its baseline",
        "no consta ninguna predicción en la ventana ni en su base",
        "não consta nenhuma predição na janela nem na sua base",
    ),
    (
        "no workload is known",
        "no se conoce ninguna carga de trabajo",
        "nenhuma carga de trabalho é conhecida",
    ),
    (
        "no node is known",
        "no se conoce ningún nodo",
        "nenhum nó é conhecido",
    ),
    (
        "{w1} has an answer of status {o1}: {o2}",
        "{w1} respondió con estado {o1}: {o2}",
        "{w1} respondeu com estado {o1}: {o2}",
    ),
    (
        "alert {o1}",
        "alerta {o1}",
        "alerta {o1}",
    ),
    (
        "{w1} looked at",
        "se mira {w1}",
        "olha-se {w1}",
    ),
    ("no line lies in the quiet time", "no hay líneas en el tiempo de calma", "não há linhas no tempo de calma"),
    ("no line lies in the window", "no hay líneas en la ventana", "não há linhas na janela"),
    ("no span lies in the quiet time", "no hay tramos en el tiempo de calma", "não há trechos no tempo de calma"),
    ("no span lies in the window", "no hay tramos en la ventana", "não há trechos na janela"),
    (
        "no time was left to ask {a}",
        "no quedó tiempo para preguntar a {a}",
        "não restou tempo para perguntar a {a}",
    ),
)
_ANSWERS: Phrases = (
    (
        "Only a language model can answer a free question, and none took part; this is what the evidence holds about "
        "what the question names.",
        "Solo un modelo de lenguaje puede responder una pregunta libre, y no participó ninguno; esto es lo que "
        "contiene la evidencia sobre lo que la pregunta nombra.",
        "Só um modelo de linguagem pode responder a uma pergunta livre, e nenhum participou; isto é o que as "
        "evidências contêm sobre o que a pergunta nomeia.",
    ),
    (
        "The question names no entity of this incident; this is what is known of the first suspect.",
        "La pregunta no nombra ninguna entidad de este incidente; esto es lo que se sabe del primer sospechoso.",
        "A pergunta não nomeia nenhuma entidade deste incidente; isto é o que se sabe do primeiro suspeito.",
    ),
    (
        "{w1} rose from {w2} to {w3}, {w4} wobbles since {w5}",
        "{w1} subió de {w2} a {w3}, {w4} veces su oscilación habitual, desde {w5}",
        "{w1} subiu de {w2} para {w3}, {w4} vezes a sua oscilação habitual, desde {w5}",
    ),
    (
        "{w1} fell from {w2} to {w3}, {w4} wobbles since {w5}",
        "{w1} bajó de {w2} a {w3}, {w4} veces su oscilación habitual, desde {w5}",
        "{w1} caiu de {w2} para {w3}, {w4} vezes a sua oscilação habitual, desde {w5}",
    ),
    (
        "{w1} rose from {w2} to {w3}, {w4} wobbles",
        "{w1} subió de {w2} a {w3}, {w4} veces su oscilación habitual",
        "{w1} subiu de {w2} para {w3}, {w4} vezes a sua oscilação habitual",
    ),
    (
        "{w1} fell from {w2} to {w3}, {w4} wobbles",
        "{w1} bajó de {w2} a {w3}, {w4} veces su oscilación habitual",
        "{w1} caiu de {w2} para {w3}, {w4} vezes a sua oscilação habitual",
    ),
    (
        "new log pattern ({w1} lines before, {w2} in the window, first seen {w3}): {a}",
        "patrón de registro nuevo ({w1} líneas antes, {w2} en la ventana, visto primero {w3}): {a}",
        "padrão de registro novo ({w1} linhas antes, {w2} na janela, visto primeiro {w3}): {a}",
    ),
    (
        "surged log pattern ({w1} lines before, {w2} in the window): {a}",
        "patrón de registro en aumento ({w1} líneas antes, {w2} en la ventana): {a}",
        "padrão de registro em alta ({w1} linhas antes, {w2} na janela): {a}",
    ),
    (
        "vanished log pattern ({w1} lines before, {w2} in the window): {a}",
        "patrón de registro desaparecido ({w1} líneas antes, {w2} en la ventana): {a}",
        "padrão de registro desaparecido ({w1} linhas antes, {w2} na janela): {a}",
    ),
    (
        "p95 {w1} to {w2} ms, error rate {w3} to {w4}",
        "p95 de {w1} a {w2} ms, tasa de errores de {w3} a {w4}",
        "p95 de {w1} a {w2} ms, taxa de erros de {w3} a {w4}",
    ),
    ("among the suspects, because: {o1}", "entre los sospechosos, porque: {o1}", "entre os suspeitos, porque: {o1}"),
    ("among the suspects", "entre los sospechosos", "entre os suspeitos"),
    ("nothing stands out in {w1}", "nada destaca en {w1}", "nada se destaca em {w1}"),
    ("callers: {a}", "quienes lo llaman: {a}", "quem o chama: {a}"),
    ("callees: {a}", "a quienes llama: {a}", "quem ele chama: {a}"),
)
_TIMELINE: Phrases = (
    ("to {w1}", "a {w1}", "a {w1}"),
    ("the incident is {o1} already", "el incidente ya está {o1}", "o incidente já está {o1}"),
    ("resolved", "resuelto", "resolvido"),
    ("cancelled", "cancelado", "cancelado"),
    ("there is no such incident", "no existe ese incidente", "não existe esse incidente"),
    ("the run has not ended yet", "el análisis aún no ha terminado", "a análise ainda não terminou"),
    ("severity {o1} → {w1}", "gravedad {o1} → {w1}", "gravidade {o1} → {w1}"),
    ("another triage is asked for", "se pide otro análisis", "pede-se outra análise"),
    ("{a} of {b} joins", "se une {a} de {b}", "junta-se {a} de {b}"),
    ("{a} fires again", "{a} vuelve a dispararse", "{a} dispara de novo"),
    (
        "another one turned out to be the same trouble",
        "otro resultó ser el mismo problema",
        "outro se revelou o mesmo problema",
    ),
    ("resolved by {w1}: {o1}", "resuelto por {w1}: {o1}", "resolvido por {w1}: {o1}"),
    ("resolved by {w1}", "resuelto por {w1}", "resolvido por {w1}"),
    ("cancelled by {w1}: {o1}", "cancelado por {w1}: {o1}", "cancelado por {w1}: {o1}"),
    ("cancelled by {w1}", "cancelado por {w1}", "cancelado por {w1}"),
    ("triage: {w1}", "análisis: {w1}", "análise: {w1}"),
    (
        "no alert of its entities fires",
        "no se dispara ninguna alerta de sus entidades",
        "nenhum alerta das suas entidades dispara",
    ),
    ("none of its alerts fires", "no se dispara ninguna de sus alertas", "nenhum dos seus alertas dispara"),
    (
        "{w1} of its alerts still fire",
        "{w1} de sus alertas aún se disparan",
        "{w1} dos seus alertas ainda disparam",
    ),
    ("more fires than was read", "se disparan más de las que se leyeron", "disparam mais do que foi lido"),
    (
        "the alerting systems did not answer",
        "los sistemas de alertas no respondieron",
        "os sistemas de alertas não responderam",
    ),
    (
        "no configured system holds the alerts of its environment",
        "ningún sistema configurado tiene las alertas de su entorno",
        "nenhum sistema configurado tem os alertas do seu ambiente",
    ),
    (
        "no alert belongs to it, so no system knows whether it is over",
        "ninguna alerta le pertenece, así que ningún sistema sabe si terminó",
        "nenhum alerta lhe pertence, portanto nenhum sistema sabe se acabou",
    ),
)
_CHARTS: Phrases = (
    (
        "Median {a} before, {b} during the incident ({c})",
        "Mediana {a} antes, {b} durante el incidente ({c})",
        "Mediana {a} antes, {b} durante o incidente ({c})",
    ),
    (
        "Median {a} before, {b} during the incident",
        "Mediana {a} antes, {b} durante el incidente",
        "Mediana {a} antes, {b} durante o incidente",
    ),
)

_LABELS: Phrases = (
    ("Impact", "Impacto", "Impacto"),
    ("SLO", "SLO", "SLO"),
    ("Owner", "Responsable", "Responsável"),
    ("Affected", "Afectados", "Afetados"),
    ("Changed", "Qué cambió", "O que mudou"),
    ("Seen before", "Visto antes", "Já visto"),
    ("Do first", "Hacer primero", "Fazer primeiro"),
    ("Took", "Duró", "Durou"),
    ("Model calls", "Llamadas al modelo", "Chamadas ao modelo"),
    ("Tokens in", "Tokens de entrada", "Tokens de entrada"),
    ("Tokens out", "Tokens de salida", "Tokens de saída"),
    ("Model cost", "Costo del modelo", "Custo do modelo"),
    ("Evidence", "Evidencia", "Evidências"),
    ("{w1} s", "{w1} s", "{w1} s"),
    ("{w1} min", "{w1} min", "{w1} min"),
    ("{w1} ms", "{w1} ms", "{w1} ms"),
    ("{w1} calls", "{w1} llamadas", "{w1} chamadas"),
    ("{w1} call", "{w1} llamada", "{w1} chamada"),
    ("done", "hecho", "feito"),
    ("waits for a person", "espera a una persona", "espera uma pessoa"),
    ("denied", "denegado", "negado"),
    ("failed or unknown", "falló o se desconoce", "falhou ou não se sabe"),
    ("proposed, not done", "propuesto, no hecho", "proposto, não feito"),
    ("no_data", "sin datos", "sem dados"),
    ("error", "falló", "falhou"),
    ("truncated", "recortado", "cortado"),
)

BRIEFINGS: Phrases = (*_FIRST_MINUTE, *_GAPS, *_ANSWERS, *_TIMELINE, *_CHARTS, *_LABELS)
"""All of them."""
