"""An invented set of questions for runbooks: about the sandbox world's pages, and about nothing that they answer.

Everything in here is made up. A question is worded as an alert would say it, freely, in Spanish and in Portuguese.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Wording = Literal["freely", "es", "pt"]


@dataclass(frozen=True)
class Asked:
    """A question and the page that answers it.

    Args:
        target: name of the page; `None` for a question that no page answers.
        name: of the alert; hidden from the search.
        others: the same in other words.
        group: the corpus of the page, or of the question.
        expression: of the alert's rule, where it is known.
    """

    name: str
    target: str | None
    summary: str
    description: str = ""
    others: dict[Wording, str] = field(default_factory=dict)
    group: str = ""
    expression: str = ""


_ROWS = """
ApprovalRateLow | approval-rate-low | The approval rate of a country is lower than usual. | far fewer card attempts go through in one market than on other days | La tasa de aprobación de pagos de un país es más baja de lo normal | A taxa de aprovação de pagamentos de um país está abaixo do normal
LatencyHigh | latency-high | The 95th percentile latency of a service is above its limit. | a service takes too long to answer its callers | La latencia del percentil 95 de un servicio supera su límite | A latência do percentil 95 de um serviço passou do limite
ErrorRateHigh | error-rate-high | A service answers too many requests with an error. | lots of calls to a service fail | Un servicio responde demasiadas solicitudes con error | Um serviço responde requisições demais com erro
ScoreMoved | score-moved | The mean score of a model left its usual band. | a model suddenly scores everybody higher than before | La puntuación media de un modelo salió de su banda habitual | A pontuação média de um modelo saiu da faixa habitual
NullRateHigh | null-rate-high | More feature values than usual are missing. | many inputs of the model are empty | Faltan más valores de variables de lo habitual | Há mais valores de atributos ausentes do que o normal
RecordsRejected | records-rejected | A consumer cannot read a part of the records. | the consumer skips records that it cannot parse | Un consumidor no puede leer una parte de los registros | Um consumidor não consegue ler parte dos registros
DeclineRateHigh | decline-rate-high | More requests than usual are declined. | payouts get refused far more often than yesterday | Se rechazan más solicitudes de lo habitual | Mais solicitações do que o normal são recusadas
FeaturesLate | features-late | A feature pipeline finished its last run too long ago. | features are old because the pipeline has not ended a run for hours | La canalización de variables terminó su última ejecución hace demasiado tiempo | O pipeline de features terminou a última execução há tempo demais
TrafficHigh | traffic-high | More requests than the limit for this hour. | there is a burst of traffic | Hay más tráfico que el límite para esta hora | Há mais tráfego que o limite para esta hora
CpuHigh | cpu-high | A machine is close to its processor limit. | a host has hardly any compute left | Una máquina está cerca de su límite de procesador | Uma máquina está perto do limite de processador
""".strip()  # noqa: E501 - a row of a table
PAIRS: tuple[Asked, ...] = tuple(
    Asked(name, f"{target}.md", summary, others={"freely": freely, "es": es, "pt": pt}, group="sandbox world")
    for name, target, summary, freely, es, pt in (map(str.strip, row.split("|")) for row in _ROWS.splitlines())
)

UNANSWERED: tuple[tuple[str, str], ...] = tuple(
    (word.strip(), text.strip())
    for word, _, text in (
        row.partition("|")
        for row in """
kafka | Kafka topic has fewer in-sync replicas than it should
kafka | Kafka consumer group is far behind
kafka | El grupo de consumidores de Kafka acumula retraso
redis | Redis master is down
redis | Redis is out of configured memory
redis | Redis rejected connections
mysql | MySQL has many slow queries
mysql | MySQL replica stopped its SQL thread
mysql | MySQL has too many open files
mongodb | MongoDB replication lag is over ten seconds
mongodb | MongoDB has too many open cursors
rabbitmq | RabbitMQ node uses most of its memory
rabbitmq | A fila do RabbitMQ está crescendo
rabbitmq | RabbitMQ has many unacknowledged messages
elasticsearch | Elasticsearch cluster is red, shards are unassigned
elasticsearch | Elasticsearch heap usage is too high
cassandra | Cassandra has many pending compactions
zookeeper | ZooKeeper ensemble has lost its leader
clickhouse | ClickHouse replica went read-only
nginx | Nginx answers too many requests with 5xx
haproxy | HAProxy backend has no server left
haproxy | HAProxy server response time is high
traefik | Traefik service has no healthy backend
flink | Flink job is not running
flink | Flink checkpoints fail
spark | Spark executors are lost
litellm | LiteLLM proxy requests fail
litellm | The budget of a team is exhausted at the LiteLLM gateway
vllm | vLLM requests wait too long in the queue
gpu | GPU temperature is too high
gpu | GPU reports double bit memory errors
zfs | ZFS pool is offline
jenkins | Jenkins builds fail again and again
jenkins | Jenkins agent is offline
consul | Consul service health check fails
vault | Vault is sealed
nomad | Nomad allocation failed
airflow | Airflow scheduler has no heartbeat
minio | MinIO disk is offline
sqs | Messages in the SQS queue are old
lambda | Lambda function is throttled
snowflake | Snowflake warehouse has used up its credits
windows | A Windows service has stopped
vmware | VMware snapshot is months old
jvm | JVM heap is filling up
tomcat | Tomcat has no free threads
sidekiq | Sidekiq queue is too long
solr | Solr update errors
couchbase | Couchbase bucket is out of quota
influxdb | InfluxDB write errors
toner | The printer on the third floor is out of toner
wifi | The office wifi is slow
coffee | The coffee machine has no water
payroll | The payroll export came late
sms | Text messages to customers are not delivered
ldap | LDAP binds fail
vpn | VPN tunnel to the branch office is down
bgp | BGP session with the provider went down
terraform | Terraform plan shows drift
artifactory | Artifactory has used up its storage quota
cloudflare | Cloudflare reports origin errors
istio | Istio pilot pushes duplicate entries
argocd | ArgoCD application is out of sync
keycloak | Keycloak logins fail
temporal | Temporal workflow task queue is growing
debezium | Debezium connector is paused
hdfs | HDFS blocks are under-replicated
trino | Trino worker is lost
superset | Superset dashboards do not load
oracle | Oracle tablespace is nearly full
deadlocks | SQL Server reports deadlocks
memcached | Memcached evicts too many items
varnish | Varnish backend is unhealthy
squid | Squid proxy is down
ups | The UPS runs on battery
humidity | Humidity in the data centre is too high
impresora | La impresora de la oficina no imprime
elevador | O elevador do prédio está parado
""".strip().splitlines()
    )
)
"""A word that a page which answers it would have, and the question. One whose word a page has is not asked."""
