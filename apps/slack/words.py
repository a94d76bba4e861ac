"""Our own sentences in the languages of channels; what an incident's data say stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "cause": ("Likely cause", "Causa probable", "Causa provável"),
    "cause_found": ("Cause found", "Causa hallada", "Causa achada"),
    "inconclusive": ("Inconclusive", "Sin conclusión", "Inconclusivo"),
    "inconclusive_why": (
        "no cause stands out in the evidence",
        "ninguna causa destaca en la evidencia",
        "nenhuma causa se destaca nas evidências",
    ),
    "healthy": ("Healthy", "Sin anomalías", "Sem anomalias"),
    "healthy_why": (
        "nothing was out of the ordinary",
        "nada estuvo fuera de lo normal",
        "nada esteve fora do normal",
    ),
    "leading": ("leading suspect", "principal sospechoso", "principal suspeito"),
    "change": ("change", "cambio", "mudança"),
    "impact": ("Impact", "Impacto", "Impacto"),
    "impact_unknown": (
        "not measured: no payment outcomes were read",
        "sin medir: no se leyeron resultados de pagos",
        "não medido: nenhum resultado de pagamento foi lido",
    ),
    "impact_none": ("no lost payments were found", "no se hallaron pagos perdidos", "nenhum pagamento perdido achado"),
    "payments_lost": (
        "about {count} payments lost",
        "unos {count} pagos perdidos",
        "cerca de {count} pagamentos perdidos",
    ),
    "worth": (", worth {money}", ", por {money}", ", no valor de {money}"),
    "next": ("Next step", "Siguiente paso", "Próximo passo"),
    "next_approve": ("decide about {tool}", "decidir sobre {tool}", "decidir sobre {tool}"),
    "next_rollback": (
        "give the model back, with leave: {command}",
        "revertir el modelo, con permiso: {command}",
        "reverter o modelo, com permissão: {command}",
    ),
    "next_change": ("review the change {change}", "revisar el cambio {change}", "revisar a mudança {change}"),
    "next_look": ("look at {entity}", "revisar {entity}", "olhar {entity}"),
    "next_none": ("none is known", "no se conoce ninguno", "nenhum é conhecido"),
    "owner": ("Owner", "Responsable", "Responsável"),
    "owner_unknown": ("not in the service catalogue", "no está en el catálogo", "não está no catálogo"),
    "state": ("State", "Estado", "Estado"),
    "open": ("investigating", "investigando", "investigando"),
    "reported": ("report in the thread", "informe en el hilo", "relatório no tópico"),
    "acknowledged": ("acknowledged by {by}", "reconocido por {by}", "reconhecido por {by}"),
    "assigned": ("assigned by {by}", "asignado por {by}", "atribuído por {by}"),
    "rated": ("rated by {by}", "clasificado por {by}", "classificado por {by}"),
    "waiting": ("waits for a decision", "espera una decisión", "aguarda uma decisão"),
    "cleared": (
        "every alert is over; not confirmed yet",
        "todas las alertas terminaron; sin confirmar",
        "todos os alertas terminaram; não confirmado",
    ),
    "resolved": ("resolved", "resuelto", "resolvido"),
    "reopened": ("open again", "abierto de nuevo", "aberto de novo"),
    "grew": ("another alert joined", "se unió otra alerta", "outro alerta se juntou"),
    "cancelled": ("cancelled", "cancelado", "cancelado"),
    "failed": (
        "the triage ended without a report",
        "el análisis terminó sin informe",
        "a análise terminou sem relatório",
    ),
    "alerts": (
        "{firing} of {alerts} alerts fire",
        "{firing} de {alerts} alertas activas",
        "{firing} de {alerts} alertas ativos",
    ),
    "started": ("since", "desde", "desde"),
    "first_minute": ("First minute", "Primer minuto", "Primeiro minuto"),
    "suspects": ("Suspects", "Sospechosos", "Suspeitos"),
    "claims": ("What the evidence says", "Qué dice la evidencia", "O que dizem as evidências"),
    "model_holds": ("What the model holds", "Qué sostiene el modelo", "O que o modelo sustenta"),
    "unsupported": ("not supported", "sin respaldo", "sem respaldo"),
    "actions": ("Actions", "Acciones", "Ações"),
    "gaps": ("Not looked at", "No revisado", "Não examinado"),
    "show_evidence": ("Show evidence", "Ver evidencia", "Ver evidência"),
    "evidence_gone": (
        "That evidence can no longer be read.",
        "Esa evidencia ya no se puede leer.",
        "Essa evidência não pode mais ser lida.",
    ),
    "useful": ("Right", "Correcto", "Correto"),
    "partly": ("Partly right", "En parte", "Em parte"),
    "wrong": ("Wrong", "Incorrecto", "Incorreto"),
    "charts": ("How they moved", "Cómo se movieron", "Como se moveram"),
    "whole_report": ("The whole report", "El informe completo", "O relatório completo"),
    "answer": ("Answer", "Respuesta", "Resposta"),
    "known": ("What the evidence holds", "Qué contiene la evidencia", "O que contêm as evidências"),
    "unknown": ("Not known", "No se sabe", "Não se sabe"),
    "asks": ("This needs a decision", "Esto requiere una decisión", "Isto precisa de uma decisão"),
    "where": ("Where", "Dónde", "Onde"),
    "untrusted": ("nobody vouches for it", "nadie responde por él", "ninguém responde por ele"),
    "endorsed": ("a person vouches for it", "una persona responde por él", "uma pessoa responde por ele"),
    "would_change": ("Would change", "Cambiaría", "Mudaria"),
    "arguments": ("Exactly", "Exactamente", "Exatamente"),
    "because": ("Why asked", "Por qué se pregunta", "Por que se pergunta"),
    "who_may": ("Who may answer", "Quién puede responder", "Quem pode responder"),
    "expires": ("Expires", "Vence", "Expira"),
    "approve": ("Approve", "Aprobar", "Aprovar"),
    "open_page": ("Open with a fresh login", "Abrir con nuevo inicio de sesión", "Abrir com novo login"),
    "deny": ("Deny", "Rechazar", "Negar"),
    "confirm": ("Exactly this, once?", "¿Exactamente esto, una vez?", "Exatamente isto, uma vez?"),
    "not_by_button": (
        "This is not approved by a button. Approve it with a fresh login:",
        "Esto no se aprueba con un botón. Apruébelo con un nuevo inicio de sesión:",
        "Isto não se aprova por botão. Aprove com um novo login:",
    ),
    "is_approved": ("Approved by {by}", "Aprobado por {by}", "Aprovado por {by}"),
    "is_denied": ("Denied by {by}", "Rechazado por {by}", "Negado por {by}"),
    "is_used": ("Approved by {by}, and done", "Aprobado por {by} y hecho", "Aprovado por {by} e feito"),
    "is_expired": (
        "Expired: nobody answered in time",
        "Venció: nadie respondió a tiempo",
        "Expirou: ninguém respondeu a tempo",
    ),
    "is_void": (
        "Void: what it was about has changed",
        "Nulo: lo consultado ha cambiado",
        "Nulo: o que se perguntou mudou",
    ),
    "is_partly": (
        "{by} agreed; still needed: {roles}",
        "{by} aceptó; falta: {roles}",
        "{by} concordou; falta: {roles}",
    ),
    "told_once": (
        "Your answer is recorded already.",
        "Su respuesta ya está registrada.",
        "A sua resposta já está registrada.",
    ),
    "too_late": ("It has expired. Nothing was done.", "Ha vencido. No se hizo nada.", "Expirou. Nada foi feito."),
    "somebody_else": (
        "{by} answered before you: {state}. Your answer changes nothing.",
        "{by} respondió antes: {state}. Su respuesta no cambia nada.",
        "{by} respondeu antes: {state}. A sua resposta não muda nada.",
    ),
    "not_waiting": (
        "It waits for nobody any more: {state}.",
        "Ya no espera a nadie: {state}.",
        "Não espera mais ninguém: {state}.",
    ),
    "no_role": (
        "You do not hold a role that may answer this: {roles}.",
        "No tiene un rol que pueda responder: {roles}.",
        "Você não tem um papel que possa responder: {roles}.",
    ),
    "two_person": (
        "Whoever started the run cannot approve this; ask a colleague.",
        "Quien inició el análisis no puede aprobarlo; pida a un colega.",
        "Quem iniciou a análise não pode aprovar; peça a um colega.",
    ),
    "nobody": (
        "Nobody under `people` is known by your Slack id; an operator adds it to known_as.",
        "Nadie en `people` tiene su id de Slack; un operador la agrega a known_as.",
        "Ninguém em `people` tem o seu id do Slack; um operador o inclui em known_as.",
    ),
    "only_members": (
        "Guests, apps and deactivated people get no evidence and decide nothing.",
        "Invitados, aplicaciones y personas desactivadas no reciben evidencia ni deciden.",
        "Convidados, aplicativos e pessoas desativadas não recebem evidências nem decidem.",
    ),
    "shared_channel": (
        "This channel is shared with others; nothing is told or decided here.",
        "Este canal se comparte con otros; aquí no se informa ni se decide nada.",
        "Este canal é compartilhado com outros; nada é informado ou decidido aqui.",
    ),
    "unknown_channel": (
        "This channel is not set up; an operator lists it under [slack.channels].",
        "Este canal no está configurado; un operador lo agrega en [slack.channels].",
        "Este canal não está configurado; um operador o inclui em [slack.channels].",
    ),
    "forged": (
        "That is none of our questions. Nothing was done.",
        "Eso no es una pregunta nuestra. No se hizo nada.",
        "Isso não é uma pergunta nossa. Nada foi feito.",
    ),
    "thanks": ("Thank you; it is kept.", "Gracias; se guardó.", "Obrigado; foi guardado."),
    "is_label": (
        "Thank you; the incident is labelled with it, for evaluation.",
        "Gracias; el incidente quedó etiquetado, para la evaluación.",
        "Obrigado; o incidente foi rotulado, para a avaliação.",
    ),
    "slow_down": (
        "That is a lot at once; ask again in a minute.",
        "Es mucho a la vez; pregunte de nuevo en un minuto.",
        "É muito de uma vez; pergunte de novo em um minuto.",
    ),
    "did_not_work": ("That did not work: {why}", "No funcionó: {why}", "Não funcionou: {why}"),
    "help": (
        "triage NAME · a question about the platform · in an incident's thread: a question, write the runbook, "
        "ack, assign me, severity high, resolve · status · mute 2h · unmute · help",
        "triage NOMBRE · una pregunta sobre la plataforma · en el hilo: una pregunta, escribe el runbook, "
        "reconocer, asignar mí, gravedad high, resolver · status · mute 2h · unmute · help",
        "triage NOME · uma pergunta sobre a plataforma · no tópico: uma pergunta, escreve o runbook, "
        "reconhecer, atribuir mim, gravidade high, resolver · status · mute 2h · unmute · help",
    ),
    "step_opening": ("reading the incident", "leyendo el incidente", "lendo o incidente"),
    "step_comparing": (
        "comparing series, logs and traces with the quiet time",
        "comparando series, registros y trazas con la calma previa",
        "comparando séries, registros e rastros com a calma anterior",
    ),
    "step_suspects": ("looking at the leading suspects", "revisando sospechosos", "olhando os suspeitos"),
    "step_model": ("a model reads the evidence", "un modelo lee la evidencia", "um modelo lê as evidências"),
    "step_writing": ("writing it down", "redactando", "escrevendo"),
    "working": ("On it.", "En eso.", "Já vejo."),
    "draft": ("Runbook draft", "Borrador del runbook", "Rascunho do runbook"),
    "draft_size": (
        "{lines} lines from {sources} sources; every statement names its own.",
        "{lines} líneas de {sources} fuentes; cada afirmación nombra la suya.",
        "{lines} linhas de {sources} fontes; cada afirmação nomeia a sua.",
    ),
    "draft_new": (
        "No page is in force for this alert.",
        "No hay página vigente para esta alerta.",
        "Não há página em vigor para este alerta.",
    ),
    "draft_beside": (
        "In force is {page}; the draft adds {added} lines and leaves out {gone}.",
        "Vigente está {page}; el borrador agrega {added} líneas y omite {gone}.",
        "Em vigor está {page}; o rascunho acrescenta {added} linhas e omite {gone}.",
    ),
    "draft_findings": ("To be mended", "Por corregir", "A corrigir"),
    "draft_next": (
        "Go through it, then: {command}",
        "Revíselo y luego: {command}",
        "Revise-o e depois: {command}",
    ),
    "is_assigned": ("It is {to}’s now.", "Ahora es de {to}.", "Agora é de {to}."),
    "is_rated": (
        "Its severity is {severity} now.",
        "Ahora su gravedad es {severity}.",
        "Agora a gravidade é {severity}.",
    ),
    "assign_whom": (
        "Say who: assign me, assign NAME or assign @person; whoever it is stands under `people`.",
        "Diga a quién: asignar mí, asignar NOMBRE o asignar @persona; debe estar en `people`.",
        "Diga a quem: atribuir mim, atribuir NOME ou atribuir @pessoa; deve estar em `people`.",
    ),
    "rate_how": ("Say how bad: {severities}.", "Diga cuánta: {severities}.", "Diga quanta: {severities}."),
    "not_over": (
        "It stays open: {why}. Wait, or say why all the same: resolve anyway WHY",
        "Sigue abierto: {why}. Espere, o diga por qué igual: resolver igual RAZÓN",
        "Continua aberto: {why}. Espere, ou diga por que mesmo assim: resolver mesmo RAZÃO",
    ),
    "resolve_why": (
        "Say why: resolve anyway WHY",
        "Diga por qué: resolver igual RAZÓN",
        "Diga por quê: resolver mesmo RAZÃO",
    ),
    "team": ("team", "equipo", "time"),
    "digest_new": ("New", "Nuevos", "Novas"),
    "digest_top": ("Largest", "Los mayores", "As maiores"),
    "digest_harm": (
        "Did harm: take it back?",
        "Hizo daño: ¿revertirlo?",
        "Fez dano: reverter?",
    ),
    "digest_withheld": ("Withheld: {why}", "No se ofrece: {why}", "Não oferecido: {why}"),
    "digest_unowned": ("{count} have no owner.", "{count} no tienen responsable.", "{count} não têm responsável."),
    "digest_gaps": (
        "{count} things were not looked at; the report says which.",
        "{count} cosas no se revisaron; el informe dice cuáles.",
        "{count} coisas não foram examinadas; o relatório diz quais.",
    ),
    "handover": ("Hand-over at {at} UTC", "Relevo a las {at} UTC", "Passagem de turno às {at} UTC"),
    "handed_open": ("Open", "Abiertos", "Abertos"),
    "handed_asked": ("Waiting for people", "Esperan a personas", "Esperam pessoas"),
    "handed_over": ("Over", "Terminados", "Terminados"),
    "handed_wrong": ("Stopped or failed", "Detenido o fallido", "Parado ou com falha"),
    "handed_line": (
        " of {entity} ({severity}), {whose}, since {began}, {firing} of {alerts} alerts fire",
        " de {entity} ({severity}), {whose}, desde {began}, {firing} de {alerts} alertas activas",
        " de {entity} ({severity}), {whose}, desde {began}, {firing} de {alerts} alertas ativos",
    ),
    "handed_suspect": (
        "; first suspect {suspect}",
        "; primer sospechoso {suspect}",
        "; primeiro suspeito {suspect}",
    ),
    "handed_triage": ("; triage {state}", "; análisis {state}", "; análise {state}"),
    "no_severity": ("no severity", "sin gravedad", "sem gravidade"),
    "nobodys": ("nobody’s", "de nadie", "de ninguém"),
    "of_entity": (" of {entity}", " de {entity}", " de {entity}"),
    "in_for": (" in {place}: {roles}, ", " en {place}: {roles}, ", " em {place}: {roles}, "),
    "more": ("{count} more", "{count} más", "mais {count}"),
    "which": ("Name a service: triage NAME", "Indique un servicio: triage NOMBRE", "Diga um serviço: triage NOME"),
    "muted": (
        "Automatic triage is muted until {until}.",
        "Triage automático en silencio hasta {until}.",
        "Triagem automática silenciada até {until}.",
    ),
    "unmuted": ("Automatic triage is on.", "Triage automático activo.", "Triagem automática ligada."),
    "not_automatic": (
        "Automatic triage is off here; triage on request is on.",
        "El triage automático está apagado; a pedido funciona.",
        "A triagem automática está desligada aqui; a pedido funciona.",
    ),
    "status": (
        "{told} incidents told here, {waiting} decisions wait. Feedback: {right} right, {partly} partly, "
        "{wrong} wrong. Muted {mutes} times.",
        "{told} incidentes aquí, {waiting} decisiones pendientes. Opiniones: {right} correctas, {partly} en parte, "
        "{wrong} incorrectas. Silenciado {mutes} veces.",
        "{told} incidentes aqui, {waiting} decisões pendentes. Opiniões: {right} corretas, {partly} em parte, "
        "{wrong} incorretas. Silenciado {mutes} vezes.",
    ),
}

STEPS: Mapping[str, str] = {
    "opening the gate": "step_opening",
    "reading the incident": "step_opening",
    "reading what is in reach": "step_opening",
    "comparing series, logs and traces with the quiet time": "step_comparing",
    "looking at the leading suspects": "step_suspects",
    "a model reads the evidence": "step_model",
    "looking up what the model asks for": "step_model",
    "writing the report": "step_writing",
    "writing the answer": "step_writing",
}
"""Steps of a triage, as it names them, and our sentences for them."""


def say(language: Language, name: str, **parts: object) -> str:
    """A sentence of ours with its parts filled in."""
    return SENTENCES[name][LANGUAGES.index(language)].format(**parts)


_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?: [A-Z]{3})?")


def number(text: str, language: Language) -> str:
    """A number with its groups set apart by spaces: where a comma begins the decimals, `1,234` is little more than one.

    Args:
        text: a number, perhaps with a currency; anything else is returned as it is.
        language: English keeps its commas.
    """
    return text.replace(",", "\u202f") if language != "en" and _GROUPED.fullmatch(text) else text
