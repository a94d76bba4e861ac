"""Names of systems that a runbook can be about; a page that never names the system of a question is about another one.

The words are names of widely used open and commercial software, of the kinds that the CNCF landscape and the list of
Prometheus' exporters (prometheus.io/docs/instrumenting/exporters) sort them into. What watches or carries nearly
everything (Kubernetes, Prometheus, Linux, Docker's containers) is left out: naming it says little.
"""

from __future__ import annotations

SYSTEMS = frozenset(
    """
    activemq aerospike airbyte airflow akamai ansible apache argo argocd arangodb artemis artifactory asterisk atlas
    aurora avro azure backstage beam bigquery bigtable bind bitbucket blackbox bgp cassandra celery centos ceph chef
    circleci cisco clickhouse cloudflare cloudfront cloudwatch cockroachdb confluence confluent consul coredns couchbase
    couchdb dagster databricks datadog db2 dbt debezium docker dragonfly druid dynamodb ec2 ecs eks elasticache
    elasticsearch elk emqx envoy etcd exim falco fastly feast filebeat firebase flannel flink fluentbit fluentd flux
    flyte freeradius gcs gerrit gitea github gitlab gluster graphite graylog greenplum grpc gunicorn hadoop haproxy
    harbor hasura hazelcast hbase hdfs heroku hive ibm iis ilo influxdb ipmi istio jaeger jenkins jetty jira jms jmx jvm
    kafka keda keycloak kibana kinesis kong kubeflow kserve kylin lambda ldap linkerd litellm logstash loki longhorn
    mailgun mariadb memcached mesos metabase milvus minio mlflow mongodb mosquitto mqtt mssql mysql nagios nats neo4j
    netapp netlify newrelic nexus nfs nginx nomad nutanix ntp oracle openai openebs opensearch openshift openstack
    openvpn pagerduty patroni pgbouncer php phpfpm pinot postfix postgres postgresql powerdns presto promscale proxmox
    pulsar puppet puma qdrant rabbitmq rails ray rds redis redpanda redshift rook ruby s3 salesforce samba scylla seldon
    sendgrid sentinel sidekiq singlestore slurm smtp snmp snowflake solr sonarqube spark splunk spring sqlserver sqs sns
    squid ssh stolon storm stripe superset swarm tableau teamcity teleport tempo temporal terraform thanos tidb
    timescaledb tomcat torchserve traefik trino triton twilio unicorn unifi uwsgi varnish vault vercel vitess vllm
    vmware vpn vsphere weaviate wildfly windows wireguard yarn zabbix zeebe zfs zipkin zookeeper
    """.split()
)
