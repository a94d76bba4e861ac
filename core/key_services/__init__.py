"""Key services that wrap the installation's keys: AWS KMS, Google Cloud KMS, HashiCorp Vault Transit."""
