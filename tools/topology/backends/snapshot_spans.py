"""The call graph that spans show, as SQL over `spans` and `metrics` of a snapshot.

Attributes are those of the OpenTelemetry semantic conventions, old and new names alike.
"""

from __future__ import annotations

_PEER = ("peer.service",)
_DATABASE = ("db.namespace", "db.name", "db.instance")
_DESTINATION = ("messaging.destination.name", "messaging.destination", "message_bus.destination")
_SERVICE = ("rpc.service",)
_ADDRESS = ("server.address", "net.peer.name", "network.peer.name", "http.host", "peer.hostname")
_NODE_ATTRIBUTES = ("k8s.node.name", "host.name")
_NODE_LABELS = ("node", "node_name", "k8s_node_name", "kubernetes_node", "host", "hostname")

MAX_LEARNED = 20_000
"""Edges of each kind that are learned, those of most spans."""


def _first(*names: str) -> str:
    each = ", ".join(f"nullif(trim(attributes['{name}']), '')" for name in names)
    return f"coalesce({each})" if len(names) > 1 else each


_KIND = "upper(replace(coalesce(attributes['span.kind'], attributes['kind'], ''), 'SPAN_KIND_', ''))"
_IS_NAME = r"""
    NOT regexp_full_match({name}, '[0-9.:\[\]]+(:[0-9]+)?|[0-9a-fA-F:]*:[0-9a-fA-F:]+')
    AND lower(split_part({name}, ':', 1)) NOT IN ('localhost', 'unknown', '')
"""

SEEN = f"""
    WITH ends AS (
        SELECT coalesce(trace_id, '') AS trace_id, nullif(span_id, '') AS span_id, nullif(parent_id, '') AS parent_id,
               entity, start, file_row_number AS place, {_KIND} AS kind,
               {_first(*_DESTINATION)} AS destination, {_first(*_PEER)} AS peer, {_first(*_DATABASE)} AS database,
               {_first("db.system", "db.system.name")} AS engine, {_first(*_SERVICE)} AS service,
               {_first(*_ADDRESS)} AS address
        FROM spans WHERE entity <> ''
    ), of_id AS (
        -- Client and server may share one id: the server is what the spans below belong to.
        SELECT trace_id, span_id, arg_max(entity, (start, place)) AS entity, arg_min(entity, (start, place)) AS first,
               bool_or(destination IS NOT NULL) AS is_message
        FROM ends WHERE span_id IS NOT NULL GROUP BY trace_id, span_id
    ), crossed AS (
        SELECT parent.entity AS caller, child.entity AS callee, child.trace_id, child.parent_id AS span_id,
               parent.is_message AND child.destination IS NOT NULL AS by_message
        FROM ends AS child JOIN of_id AS parent
          ON child.trace_id = parent.trace_id AND child.parent_id = parent.span_id
        WHERE child.parent_id IS DISTINCT FROM child.span_id
        UNION ALL
        SELECT first, entity, trace_id, span_id, false FROM of_id WHERE first <> entity
    ), crossing AS (
        SELECT DISTINCT trace_id, span_id FROM crossed WHERE caller <> callee
    ), outside AS (
        -- Who is called, where the callee has no span of its own.
        SELECT ends.*, coalesce(destination, peer, database,
                                CASE WHEN {_IS_NAME.format(name="address")} THEN address END, service, engine) AS name
        FROM ends LEFT JOIN crossing USING (trace_id, span_id)
        WHERE destination IS NOT NULL
           OR (crossing.trace_id IS NULL AND kind NOT IN ('SERVER', 'CONSUMER', 'INTERNAL'))
    ), found AS (
        SELECT caller, callee, 'call' AS kind, true AS is_known FROM crossed WHERE NOT by_message
        UNION ALL
        SELECT entity, name,
               CASE WHEN destination IS NOT NULL THEN CASE WHEN kind IN ('CONSUMER', 'SERVER') THEN 'consumes'
                                                           ELSE 'publishes' END
                    WHEN database IS NOT NULL OR engine IS NOT NULL THEN 'query' ELSE 'call' END, false
        FROM outside WHERE name IS NOT NULL
    )
    SELECT caller, callee, first(kind ORDER BY kind) AS kind, bool_or(is_known) AS is_known, count(*) AS calls
    FROM found WHERE caller <> callee GROUP BY caller, callee
    ORDER BY is_known DESC, calls DESC, caller, callee LIMIT {MAX_LEARNED}
"""  # noqa: S608 - all parts are ours
"""caller, callee, kind, is_known (the callee has spans of its own), calls."""


def hosts_of(table: str) -> str:
    """The machines that `spans` or `metrics` name: entity, node, how often."""
    names = _NODE_ATTRIBUTES if table == "spans" else _NODE_LABELS
    column = "attributes" if table == "spans" else "labels"
    node = ", ".join(f"nullif(trim({column}['{name}']), '')" for name in names)
    return f"""
        WITH named AS (
            SELECT entity, coalesce({node}) AS node, count(*) AS n FROM {table} WHERE entity <> '' GROUP BY 1, 2
        )
        SELECT entity, node, n FROM named WHERE node IS NOT NULL AND node <> entity
        ORDER BY n DESC, entity, node LIMIT {MAX_LEARNED}
    """  # noqa: S608 - all parts are ours
