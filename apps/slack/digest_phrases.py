"""The weekly digest of costs, in the three languages."""

from __future__ import annotations

from .computed_phrases import Phrases

DIGESTS: Phrases = (
    ("What to save in {w1}: {a}", "Qué ahorrar en {w1}: {a}", "O que economizar em {w1}: {a}"),
    (
        "{w1} changes save {o1} ({o2}).",
        "{w1} cambios ahorran {o1} ({o2}).",
        "{w1} mudanças economizam {o1} ({o2}).",
    ),
    ("90 %: {a} to {b}", "90 %: {a} a {b}", "90 %: {a} a {b}"),
    (
        "{o1} on invoices, {o2} of freed capacity.",
        "{o1} en facturas, {o2} de capacidad liberada.",
        "{o1} em faturas, {o2} de capacidade liberada.",
    ),
    ("{a} a month", "{a} al mes", "{a} por mês"),
    ("{a} a year", "{a} al año", "{a} por ano"),
    ("{a} a week", "{a} a la semana", "{a} por semana"),
    ("{a} a day", "{a} al día", "{a} por dia"),
    ("{a} an hour", "{a} por hora", "{a} por hora"),
    ("{a} once", "{a} una vez", "{a} uma vez"),
    (
        "Since {w1}: then {w2} worth {o1}; {w3} new, {w4} raised again, {w5} withdrawn, {w6} applied, {w7} dismissed.",
        "Desde {w1}: entonces {w2} por {o1}; {w3} nuevas, {w4} planteadas de nuevo, {w5} retiradas, {w6} aplicadas, "
        "{w7} descartadas.",
        "Desde {w1}: então {w2} no valor de {o1}; {w3} novas, {w4} levantadas de novo, {w5} retiradas, {w6} aplicadas, "
        "{w7} descartadas.",
    ),
    (
        "Applied changes save {o1} of {o2} projected.",
        "Los cambios aplicados ahorran {o1} de {o2} previstos.",
        "As mudanças aplicadas economizam {o1} de {o2} previstos.",
    ),
    ("{w1} more", "{w1} más", "mais {w1}"),
    (
        "{o1}: {w1} of {w2} weeks went wrong, {w3} allowed",
        "{o1}: {w1} de {w2} semanas salieron mal, se permite {w3}",
        "{o1}: {w1} de {w2} semanas deram errado, permite-se {w3}",
    ),
    ("Another size: {o1}", "Otro tamaño: {o1}", "Outro tamanho: {o1}"),
    ("Fewer replicas: {o1}", "Menos réplicas: {o1}", "Menos réplicas: {o1}"),
    (
        "Off when nobody needs it: {o1}",
        "Apagado cuando nadie lo necesita: {o1}",
        "Desligado quando ninguém precisa: {o1}",
    ),
    ("Stop and delete: {o1}", "Detener y borrar: {o1}", "Parar e apagar: {o1}"),
    ("Commit to what is used: {o1}", "Comprometer lo que se usa: {o1}", "Comprometer o que se usa: {o1}"),
    ("Spot capacity: {o1}", "Capacidad spot: {o1}", "Capacidade spot: {o1}"),
    ("Language models: {o1}", "Modelos de lenguaje: {o1}", "Modelos de linguagem: {o1}"),
    ("Another size", "Otro tamaño", "Outro tamanho"),
    ("Fewer replicas", "Menos réplicas", "Menos réplicas"),
    ("Off when nobody needs it", "Apagado cuando nadie lo necesita", "Desligado quando ninguém precisa"),
    ("Stop and delete", "Detener y borrar", "Parar e apagar"),
    ("stop and delete", "detener y borrar", "parar e apagar"),
    ("Commit to what is used", "Comprometer lo que se usa", "Comprometer o que se usa"),
    ("Spot capacity", "Capacidad spot", "Capacidade spot"),
    ("Language models", "Modelos de lenguaje", "Modelos de linguagem"),
    ("CPU {a} cores → {b} cores", "CPU {a} núcleos → {b} núcleos", "CPU {a} núcleos → {b} núcleos"),
    ("CPU {a} cores → 1 core", "CPU {a} núcleos → 1 núcleo", "CPU {a} núcleos → 1 núcleo"),
    ("CPU 1 core → {b} cores", "CPU 1 núcleo → {b} núcleos", "CPU 1 núcleo → {b} núcleos"),
    ("memory {a} → {b}", "memoria {a} → {b}", "memória {a} → {b}"),
    ("replicas {a} → {b}", "réplicas {a} → {b}", "réplicas {a} → {b}"),
    ("least replicas {a} → {b}", "réplicas mínimas {a} → {b}", "réplicas mínimas {a} → {b}"),
    ("most replicas {a} → {b}", "réplicas máximas {a} → {b}", "réplicas máximas {a} → {b}"),
    ("autoscaler target {a} → {b}", "objetivo del autoescalador {a} → {b}", "meta do autoescalador {a} → {b}"),
    ("instance type {a} → {b}", "tipo de instancia {a} → {b}", "tipo de instância {a} → {b}"),
    ("GPU slice {a} → {b}", "porción de GPU {a} → {b}", "fatia de GPU {a} → {b}"),
    ("card {a} → {b}", "tarjeta {a} → {b}", "placa {a} → {b}"),
    ("slice {a} → {b}", "porción {a} → {b}", "fatia {a} → {b}"),
    ("cache {a} → {b}", "caché {a} → {b}", "cache {a} → {b}"),
    ("state {a} → {b}", "estado {a} → {b}", "estado {a} → {b}"),
    ("hours off a week {a}", "horas apagado por semana {a}", "horas desligado por semana {a}"),
    ("days of grace {a}", "días de gracia {a}", "dias de carência {a}"),
    ("state {a}", "estado {a}", "estado {a}"),
)
"""Sums, kinds of change and what becomes of them."""
