"""What a triage computes, sentence by sentence, in the three languages; `phrases` says what the slots mean."""

from __future__ import annotations

Phrases = tuple[tuple[str, str, str], ...]

_SUMMARIES: Phrases = (
    (
        "Nothing stands out: no indicator left its usual range in the incident window.",
        "Nada destaca: ningún indicador salió de su rango habitual en la ventana del incidente.",
        "Nada se destaca: nenhum indicador saiu da sua faixa habitual na janela do incidente.",
    ),
    (
        "No cause could be found: there was not enough data to compare. See what was missing.",
        "No se halló ninguna causa: no hubo datos suficientes para comparar. Vea qué faltó.",
        "Nenhuma causa foi achada: não houve dados suficientes para comparar. Veja o que faltou.",
    ),
    (
        "Nothing stands out in the data there is, but some was missing: this is not an all-clear.",
        "Nada destaca en los datos que hay, pero faltaron algunos: esto no significa que todo esté bien.",
        "Nada se destaca nos dados que há, mas faltaram alguns: isto não significa que tudo esteja bem.",
    ),
    (
        "Something stands out, but not {a}, to which the trouble leads: no cause is sure.",
        "Algo destaca, pero no {a}, adonde lleva el problema: ninguna causa es segura.",
        "Algo se destaca, mas não {a}, para onde o problema leva: nenhuma causa é certa.",
    ),
    (
        "{o1} stands out, but what the alert is about did not move: no cause is sure.",
        "{o1} destaca, pero aquello de que trata la alerta no se movió: ninguna causa es segura.",
        "{o1} se destaca, mas aquilo de que trata o alerta não se moveu: nenhuma causa é certa.",
    ),
    (
        "The data points to {o1}, but evidence contradicts it.",
        "Los datos apuntan a {o1}, pero la evidencia lo contradice.",
        "Os dados apontam para {o1}, mas as evidências o contradizem.",
    ),
    ("The data points to {o1}.", "Los datos apuntan a {o1}.", "Os dados apontam para {o1}."),
    ("The data points to {o1}", "Los datos apuntan a {o1}", "Os dados apontam para {o1}"),
    (
        "Several suspects fit about equally: {o1} leads, closely followed by {a}.",
        "Varios sospechosos encajan casi igual: encabeza {o1}, seguido de cerca por {a}.",
        "Vários suspeitos se encaixam quase igual: lidera {o1}, seguido de perto por {a}.",
    ),
    (
        "Several suspects fit about equally: {o1} leads.",
        "Varios sospechosos encajan casi igual: encabeza {o1}.",
        "Vários suspeitos se encaixam quase igual: lidera {o1}.",
    ),
    ("{a} after the change {w1}", "{a} tras el cambio {w1}", "{a} após a mudança {w1}"),
)
_MODELS: Phrases = (
    (
        "No language model was used; everything in this report was computed.",
        "No se usó ningún modelo de lenguaje; todo en este informe fue calculado.",
        "Nenhum modelo de linguagem foi usado; tudo neste relatório foi calculado.",
    ),
    (
        "No language model was used. Everything in this report was computed.",
        "No se usó ningún modelo de lenguaje. Todo en este informe fue calculado.",
        "Nenhum modelo de linguagem foi usado. Tudo neste relatório foi calculado.",
    ),
    (
        "No language model was used. {a}",
        "No se usó ningún modelo de lenguaje. {a}",
        "Nenhum modelo de linguagem foi usado. {a}",
    ),
    (
        "Language model: {a}. Its claims were checked by code. Its own verdict: {o1}.{b}",
        "Modelo de lenguaje: {a}. El código comprobó sus afirmaciones. Su propio veredicto: {o1}.{b}",
        "Modelo de linguagem: {a}. O código conferiu as suas afirmações. O seu próprio veredito: {o1}.{b}",
    ),
    (
        "Language model: {a}. Its claims were checked by code. Its own verdict: {o1}.",
        "Modelo de lenguaje: {a}. El código comprobó sus afirmaciones. Su propio veredicto: {o1}.",
        "Modelo de linguagem: {a}. O código conferiu as suas afirmações. O seu próprio veredito: {o1}.",
    ),
    (
        "Language model: {a}. Its claims were checked by code.{b}",
        "Modelo de lenguaje: {a}. El código comprobó sus afirmaciones.{b}",
        "Modelo de linguagem: {a}. O código conferiu as suas afirmações.{b}",
    ),
    (
        "Language model: {a}. Its claims were checked by code.",
        "Modelo de lenguaje: {a}. El código comprobó sus afirmaciones.",
        "Modelo de linguagem: {a}. O código conferiu as suas afirmações.",
    ),
    (
        "Synthetic: this incident was made by the sandbox world. It happened on no real system.",
        "Sintético: este incidente lo hizo el mundo de prueba. No ocurrió en ningún sistema real.",
        "Sintético: este incidente foi feito pelo mundo de teste. Não ocorreu em nenhum sistema real.",
    ),
    ("cause found", "causa hallada", "causa achada"),
    ("inconclusive", "sin conclusión", "inconclusivo"),
    ("healthy", "sin anomalías", "sem anomalias"),
    (
        "a leading suspect with such a score was right in {w1} of {w2} labelled incidents of this installation "
        "({w3} 95 % interval {w4} to {w5})",
        "un principal sospechoso con tal puntaje acertó en {w1} de {w2} incidentes etiquetados de esta instalación "
        "({w3} intervalo del 95 %: {w4} a {w5})",
        "um principal suspeito com tal pontuação acertou em {w1} de {w2} incidentes rotulados desta instalação "
        "({w3} intervalo de 95 %: {w4} a {w5})",
    ),
)
_SIGNS: Phrases = (
    (
        "{w1} went up from {w2} to {w3} (a shift of {w4} wobbles)",
        "{w1} subió de {w2} a {w3} ({w4} veces su oscilación habitual)",
        "{w1} subiu de {w2} para {w3} ({w4} vezes a sua oscilação habitual)",
    ),
    (
        "{w1} went down from {w2} to {w3} (a shift of {w4} wobbles)",
        "{w1} bajó de {w2} a {w3} ({w4} veces su oscilación habitual)",
        "{w1} caiu de {w2} para {w3} ({w4} vezes a sua oscilação habitual)",
    ),
    ("{t1}, as seen by {w1}", "{t1}, según lo ve {w1}", "{t1}, como visto por {w1}"),
    ("{t1}, as served by {w1}", "{t1}, según lo sirve {w1}", "{t1}, como servido por {w1}"),
    ("{t1}, as said by {w1}", "{t1}, según {w1}", "{t1}, segundo {w1}"),
    ("{w1} of {w2} are null, {w3} before", "{w1} de {w2} son nulos, antes {w3}", "{w1} de {w2} são nulos, antes {w3}"),
    (
        "{w1} is {w2} in {o1} of all values, {o2} before",
        "{w1} vale {w2} en {o1} de los valores, antes {o2}",
        "{w1} vale {w2} em {o1} dos valores, antes {o2}",
    ),
    ("an unknown share", "una parte desconocida", "uma parte desconhecida"),
    (
        "{w1} is {w2} s old when it is served, {w3} s before",
        "{w1} tiene {w2} s de antigüedad al servirse, antes {w3} s",
        "{w1} tem {w2} s de idade ao ser servido, antes {w3} s",
    ),
    (
        "{w1} was served no more for the last {w2} s",
        "{w1} dejó de servirse en los últimos {w2} s",
        "{w1} deixou de ser servido nos últimos {w2} s",
    ),
    (
        "{w1} went from {w2} to {w3} on average (PSI {w4}), away from its training values",
        "{w1} pasó de {w2} a {w3} en promedio (PSI {w4}), lejos de sus valores de entrenamiento",
        "{w1} passou de {w2} para {w3} em média (PSI {w4}), longe dos seus valores de treino",
    ),
    (
        "{w1} went from {w2} to {w3} on average (PSI {w4})",
        "{w1} pasó de {w2} a {w3} en promedio (PSI {w4})",
        "{w1} passou de {w2} para {w3} em média (PSI {w4})",
    ),
    (
        "new {w1} log pattern, {w2} lines a minute before, {w3} in the window: {a}",
        "patrón de registro {w1} nuevo, antes {w2} líneas por minuto, {w3} en la ventana: {a}",
        "padrão de registro {w1} novo, antes {w2} linhas por minuto, {w3} na janela: {a}",
    ),
    (
        "surged {w1} log pattern, {w2} lines a minute before, {w3} in the window: {a}",
        "patrón de registro {w1} en aumento, antes {w2} líneas por minuto, {w3} en la ventana: {a}",
        "padrão de registro {w1} em alta, antes {w2} linhas por minuto, {w3} na janela: {a}",
    ),
    (
        "vanished {w1} log pattern, {w2} lines a minute before, {w3} in the window: {a}",
        "patrón de registro {w1} desaparecido, antes {w2} líneas por minuto, {w3} en la ventana: {a}",
        "padrão de registro {w1} desaparecido, antes {w2} linhas por minuto, {w3} na janela: {a}",
    ),
    (
        "version {w1} of {w2} scores {w3} standard deviations from {w4} in the same minutes",
        "la versión {w1} de {w2} puntúa a {w3} desviaciones estándar de {w4} en los mismos minutos",
        "a versão {w1} de {w2} pontua a {w3} desvios padrão de {w4} nos mesmos minutos",
    ),
    (
        "version {w1} of {w2} scores {w3} standard deviations from {w4} before it took over",
        "la versión {w1} de {w2} puntúa a {w3} desviaciones estándar de {w4} antes de reemplazarla",
        "a versão {w1} de {w2} pontua a {w3} desvios padrão de {w4} antes de substituí-la",
    ),
    (
        "scores of {w1} moved from {w2} to {w3} (PSI {w4}) without a new version",
        "los puntajes de {w1} pasaron de {w2} a {w3} (PSI {w4}) sin una versión nueva",
        "as pontuações de {w1} passaram de {w2} para {w3} (PSI {w4}) sem uma versão nova",
    ),
    (
        "a burst of small declined attempts at {a}: cards are being tested",
        "una ráfaga de intentos pequeños rechazados en {a}: se están probando tarjetas",
        "uma rajada de tentativas pequenas recusadas em {a}: cartões estão sendo testados",
    ),
    ("{t1}, mostly {a}", "{t1}, sobre todo {a}", "{t1}, sobretudo {a}"),
    ("{t1}, {w1} payments lost", "{t1}, {w1} pagos perdidos", "{t1}, {w1} pagamentos perdidos"),
    (
        "approvals at {o1} fell from {w1} to {w2}",
        "las aprobaciones en {o1} bajaron de {w1} a {w2}",
        "as aprovações em {o1} caíram de {w1} para {w2}",
    ),
    (
        "approvals at {o1} rose from {w1} to {w2}",
        "las aprobaciones en {o1} subieron de {w1} a {w2}",
        "as aprovações em {o1} subiram de {w1} para {w2}",
    ),
    (
        "payments without a chargeback at {o1} fell from {w1} to {w2}",
        "los pagos sin contracargo en {o1} bajaron de {w1} a {w2}",
        "os pagamentos sem chargeback em {o1} caíram de {w1} para {w2}",
    ),
    (
        "payments without a chargeback at {o1} rose from {w1} to {w2}",
        "los pagos sin contracargo en {o1} subieron de {w1} a {w2}",
        "os pagamentos sem chargeback em {o1} subiram de {w1} para {w2}",
    ),
    ("all payments", "todos los pagos", "todos os pagamentos"),
    (
        "{w1} calls of {a} in the window, {w2} before",
        "{w1} llamadas a {a} en la ventana, antes {w2}",
        "{w1} chamadas a {a} na janela, antes {w2}",
    ),
    (
        "operation {a}: {o1} in its own code, {o2} before (p95)",
        "operación {a}: {o1} en su propio código, antes {o2} (p95)",
        "operação {a}: {o1} no seu próprio código, antes {o2} (p95)",
    ),
    (
        "operation {a} takes {o1}, {o2} before (p95)",
        "la operación {a} tarda {o1}, antes {o2} (p95)",
        "a operação {a} leva {o1}, antes {o2} (p95)",
    ),
    ("an unknown time", "un tiempo desconocido", "um tempo desconhecido"),
    ("{w1} of {a} fail, {w2} before", "{w1} de {a} fallan, antes {w2}", "{w1} de {a} falham, antes {w2}"),
    (
        "{w1} errors of {a} begin here, {w2} before",
        "{w1} errores de {a} empiezan aquí, antes {w2}",
        "{w1} erros de {a} começam aqui, antes {w2}",
    ),
    (
        "{o1} in {w1} of {w2} requests, {w3} before",
        "{o1} en {w1} de {w2} solicitudes, antes {w3}",
        "{o1} em {w1} de {w2} solicitações, antes {w3}",
    ),
    (
        "{o1} {w1} times in a request, {w2} before",
        "{o1} {w1} veces por solicitud, antes {w2}",
        "{o1} {w1} vezes por solicitação, antes {w2}",
    ),
)
_CHANGES: Phrases = (
    ("it came {t1} after the onset", "llegó {t1} después del inicio", "veio {t1} depois do início"),
    ("{t1} before the onset", "{t1} antes del inicio", "{t1} antes do início"),
    ("{t1} after the onset", "{t1} después del inicio", "{t1} depois do início"),
    ("{w1} seconds", "{w1} segundos", "{w1} segundos"),
    ("{w1} minutes", "{w1} minutos", "{w1} minutos"),
    ("{w1} hours", "{w1} horas", "{w1} horas"),
    ("no release of it is recorded", "no consta ninguna publicación suya", "não consta nenhuma publicação dela"),
    (
        "the trouble had begun elsewhere before it",
        "el problema ya había empezado en otra parte",
        "o problema já havia começado em outro lugar",
    ),
    (
        "its service is not on a path with the alert",
        "su servicio no está en el camino de la alerta",
        "o seu serviço não está no caminho do alerta",
    ),
    ("nothing is out of order at its service", "nada anda mal en su servicio", "nada está errado no seu serviço"),
    ("little is out of order at its service", "poco anda mal en su servicio", "pouco está errado no seu serviço"),
    (
        "its service is among the first suspects",
        "su servicio está entre los primeros sospechosos",
        "o seu serviço está entre os primeiros suspeitos",
    ),
    (
        "it touches what is seen: {w1} telling word in common",
        "toca lo que se ve: {w1} palabra reveladora en común",
        "toca no que se vê: {w1} palavra reveladora em comum",
    ),
    (
        "it touches what is seen: {w1} telling words in common",
        "toca lo que se ve: {w1} palabras reveladoras en común",
        "toca no que se vê: {w1} palavras reveladoras em comum",
    ),
    (
        "nothing it touches is seen in the symptoms",
        "nada de lo que toca se ve en los síntomas",
        "nada do que toca se vê nos sintomas",
    ),
    (
        "it changes a number by a factor of {w1}",
        "cambia un número por un factor de {w1}",
        "muda um número por um fator de {w1}",
    ),
    (
        "it was rolled back before the onset",
        "se revirtió antes del inicio",
        "foi revertida antes do início",
    ),
    ("others are far likelier", "otros son mucho más probables", "outras são bem mais prováveis"),
    (
        "its newer version does as well as the older one in the same {w1} minutes",
        "su versión nueva va tan bien como la anterior en los mismos {w1} minutos",
        "a sua versão nova vai tão bem quanto a anterior nos mesmos {w1} minutos",
    ),
    (
        "{w1} of its newer version is {w2} of the older one {w3} in the same {w4} minutes",
        "{w1} de su versión nueva es {w2} de la anterior {w3} en los mismos {w4} minutos",
        "{w1} da sua versão nova é {w2} da anterior {w3} nos mesmos {w4} minutos",
    ),
    (
        "nothing is heard of its newer version, while other releases report",
        "nada se sabe de su versión nueva, mientras otras publicaciones informan",
        "nada se sabe da sua versão nova, enquanto outras publicações informam",
    ),
    (
        "nothing is heard of its newer version, and callers see a {w1} of {w2} where its older version reports {w3}",
        "nada se sabe de su versión nueva, y quienes la llaman ven {w1} de {w2} donde la anterior informa {w3}",
        "nada se sabe da sua versão nova, e quem a chama vê {w1} de {w2} onde a anterior informa {w3}",
    ),
    (
        "{w1} {w2} of {w3} was looked at and rejected: {o1}",
        "{w1} {w2} de {w3} se examinó y se descartó: {o1}",
        "{w1} {w2} de {w3} foi examinada e descartada: {o1}",
    ),
    (
        "{w1} {w2} was looked at and rejected: {o1}",
        "{w1} {w2} se examinó y se descartó: {o1}",
        "{w1} {w2} foi examinada e descartada: {o1}",
    ),
    (
        "{w1} of {w2} series left their usual range",
        "{w1} de {w2} series salieron de su rango habitual",
        "{w1} de {w2} séries saíram da sua faixa habitual",
    ),
    (
        "retry storm: {w1} calls {a} again, {w2} times in {w3} requests of {b}, {w4} in {w5} before",
        "tormenta de reintentos: {w1} llama otra vez a {a}, {w2} veces en {w3} solicitudes de {b}, antes {w4} en {w5}",
        "tempestade de repetições: {w1} chama de novo {a}, {w2} vezes em {w3} solicitações de {b}, antes {w4} em {w5}",
    ),
)
_CONTENTS: Phrases = (
    ("it touches only {a}", "solo toca {a}", "só toca em {a}"),
    (
        "it alters only comments or imports",
        "solo altera comentarios o importaciones",
        "só altera comentários ou importações",
    ),
    (
        "it alters only the look of pages",
        "solo altera el aspecto de páginas",
        "só altera o aspecto de páginas",
    ),
    (
        "it alters only what is logged or measured",
        "solo altera lo que se registra o se mide",
        "só altera o que se registra ou se mede",
    ),
    (
        "it moves code and keeps all its constants",
        "mueve código y conserva todas sus constantes",
        "move código e mantém todas as suas constantes",
    ),
    (
        "it raises a dependency by a patch version",
        "sube una dependencia en una versión de parche",
        "sobe uma dependência em uma versão de correção",
    ),
    (
        "it changes the version of a dependency",
        "cambia la versión de una dependencia",
        "muda a versão de uma dependência",
    ),
    ("it adds a query", "agrega una consulta", "acrescenta uma consulta"),
    (
        "it takes a condition, a constant or a call away",
        "quita una condición, una constante o una llamada",
        "tira uma condição, uma constante ou uma chamada",
    ),
)

COMPUTED: Phrases = (*_SUMMARIES, *_MODELS, *_SIGNS, *_CHANGES, *_CONTENTS)
"""The summary, what the leading suspects show, and what was made of changes."""
