"""What is asked of models, features, pipelines and data, all of it through the gate."""
