"""Why somebody is asked, and what to mind before agreeing, in the three languages."""

from __future__ import annotations

from .computed_phrases import Phrases

_REASONS: Phrases = (
    (
        "a change freeze binds this environment now",
        "una congelación de cambios rige ahora en este entorno",
        "um congelamento de mudanças vale agora neste ambiente",
    ),
    (
        "an argument derives from text that outsiders can write, or its origin is unknown",
        "un argumento deriva de texto que pueden escribir ajenos, o se desconoce su origen",
        "um argumento deriva de texto que estranhos podem escrever, ou a sua origem é desconhecida",
    ),
    (
        "the run has read text that outsiders can write, so a write or send needs a person",
        "el análisis ha leído texto que pueden escribir ajenos, así que escribir o enviar requiere a una persona",
        "a análise leu texto que estranhos podem escrever, portanto escrever ou enviar exige uma pessoa",
    ),
    (
        "a write or send needs an on-call person who approved exactly this call",
        "escribir o enviar requiere que alguien de guardia apruebe exactamente esta llamada",
        "escrever ou enviar exige que alguém de plantão aprove exatamente esta chamada",
    ),
)
_WARNINGS: Phrases = (
    (
        "the tool could not show what this would change ({a}): whoever agrees, agrees blindly",
        "la herramienta no pudo mostrar qué cambiaría esto ({a}): quien acepta, acepta a ciegas",
        "a ferramenta não pôde mostrar o que isto mudaria ({a}): quem concorda, concorda às cegas",
    ),
    (
        "the tool does not say what this would change; only the arguments are known",
        "la herramienta no dice qué cambiaría esto; solo se conocen los argumentos",
        "a ferramenta não diz o que isto mudaria; só se conhecem os argumentos",
    ),
    (
        "the run has read text that outsiders can write, and may be acting on it",
        "el análisis ha leído texto que pueden escribir ajenos, y puede estar actuando según él",
        "a análise leu texto que estranhos podem escrever, e pode estar agindo segundo ele",
    ),
    (
        "nobody knows that {a} came from somebody who may decide it: read exactly what stands there",
        "nadie sabe que {a} venga de alguien que pueda decidirlo: lea exactamente lo que dice",
        "ninguém sabe que {a} veio de alguém que possa decidi-lo: leia exatamente o que está escrito",
    ),
    (
        "an earlier answer ({a}) became void because {o1} changed",
        "una respuesta anterior ({a}) quedó nula porque cambió: {o1}",
        "uma resposta anterior ({a}) ficou nula porque mudou: {o1}",
    ),
    ("the policies", "las políticas", "as políticas"),
    ("the tool", "la herramienta", "a ferramenta"),
    ("what the run has read", "lo que el análisis ha leído", "o que a análise leu"),
    ("what the call would change", "lo que la llamada cambiaría", "o que a chamada mudaria"),
    ("the call", "la llamada", "a chamada"),
    (
        "{a} is {w1} characters long: what matters may stand anywhere in it",
        "{a} tiene {w1} caracteres: lo que importa puede estar en cualquier parte",
        "{a} tem {w1} caracteres: o que importa pode estar em qualquer parte",
    ),
    (
        "{a} holds characters that nobody sees: {b}",
        "{a} tiene caracteres que nadie ve: {b}",
        "{a} tem caracteres que ninguém vê: {b}",
    ),
    (
        "{a} holds a word in letters of several scripts, of which some may pass for others",
        "{a} tiene una palabra con letras de varios alfabetos, de las que unas pueden pasar por otras",
        "{a} tem uma palavra com letras de vários alfabetos, das quais umas podem passar por outras",
    ),
    (
        "{a} holds characters in an unusual form: wide, narrow, raised or joined ones",
        "{a} tiene caracteres de forma inusual: anchos, estrechos, elevados o unidos",
        "{a} tem caracteres de forma incomum: largos, estreitos, elevados ou unidos",
    ),
    (
        "there are more doubts than are listed here",
        "hay más dudas de las que se listan aquí",
        "há mais dúvidas do que as listadas aqui",
    ),
    (
        "somebody moved the alias outside of opswarden since the last move",
        "alguien movió el alias fuera de opswarden desde el último cambio",
        "alguém moveu o alias fora do opswarden desde a última mudança",
    ),
    ("check {w1}: pass, {a}", "control {w1}: pasa, {a}", "verificação {w1}: passa, {a}"),
    ("check {w1}: fail, {a}", "control {w1}: falla, {a}", "verificação {w1}: falha, {a}"),
    ("check {w1}: inconclusive, {a}", "control {w1}: sin conclusión, {a}", "verificação {w1}: inconclusiva, {a}"),
    (
        "each of them was declared safe to run twice; nobody has tried that just now",
        "de cada una se declaró que puede ejecutarse dos veces; nadie lo ha probado ahora",
        "de cada uma se declarou que pode ser executada duas vezes; ninguém testou agora",
    ),
    ("{w1} passages more differ", "{w1} pasajes más difieren", "mais {w1} trechos diferem"),
    ("{w1} files more", "{w1} archivos más", "mais {w1} arquivos"),
    (
        "it was begun before and goes on from there",
        "ya se había empezado y sigue desde ahí",
        "já havia sido começado e continua dali",
    ),
    ("no offline row: {a}", "sin filas fuera de línea: {a}", "sem linhas offline: {a}"),
    (
        "{w1} chunks are written again: until they are, online serves older rows of some keys",
        "{w1} bloques se escriben de nuevo: hasta entonces, en línea se sirven filas más viejas de algunas claves",
        "{w1} blocos são escritos de novo: até lá, online serve linhas mais antigas de algumas chaves",
    ),
    (
        "nobody knows how long it takes: fewer than three chunks were written before",
        "nadie sabe cuánto tarda: antes se escribieron menos de tres bloques",
        "ninguém sabe quanto demora: antes foram escritos menos de três blocos",
    ),
    ("about {w1} s ({w2} to {w3})", "unos {w1} s ({w2} a {w3})", "cerca de {w1} s ({w2} a {w3})"),
)
_ACTS: Phrases = (
    (
        "make version {w1} of {w2} the champion of {w3}",
        "hacer de la versión {w1} de {w2} la vigente de {w3}",
        "fazer da versão {w1} de {w2} a vigente de {w3}",
    ),
    (
        "give {w1} back to an earlier champion that the checks approved",
        "devolver {w1} a una versión vigente anterior que los controles aprobaron",
        "devolver {w1} a uma versão vigente anterior que as verificações aprovaram",
    ),
    (
        "send every request of {w1} to its champion, version {w2}",
        "enviar todas las solicitudes de {w1} a su versión vigente, la {w2}",
        "enviar todas as solicitações de {w1} à sua versão vigente, a {w2}",
    ),
    (
        "run {w1} of {w2} again, and what failed or never ran behind it",
        "ejecutar de nuevo {w1} de {w2}, y lo que tras ella falló o no llegó a ejecutarse",
        "executar de novo {w1} de {w2}, e o que depois dela falhou ou nunca rodou",
    ),
    (
        "open an issue about {a}, or comment on the open one",
        "abrir una incidencia sobre {a}, o comentar la que está abierta",
        "abrir uma issue sobre {a}, ou comentar a que está aberta",
    ),
    (
        "write the chunks of backfill plan {w1} to the online store",
        "escribir los bloques del plan de relleno {w1} en el almacén en línea",
        "escrever os blocos do plano de preenchimento {w1} no armazém online",
    ),
    ("the feature store of {w1}", "el almacén de características de {w1}", "o armazém de atributos de {w1}"),
    ("champion", "versión vigente", "versão vigente"),
    ("checks", "controles", "verificações"),
    ("share of the canary", "parte del canario", "parte do canário"),
    ("chunks left", "bloques por escribir", "blocos por escrever"),
)

QUESTIONS: Phrases = (*_REASONS, *_WARNINGS, *_ACTS)
"""Reasons of the policies that come with opswarden, warnings, and what tools say that they would do."""
