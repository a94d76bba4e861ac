"""The sandbox world: a made-up payments ML platform that has labelled incidents. Everything in it is synthetic."""
