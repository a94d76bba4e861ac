"""Where usage comes from: one file per kind of system, one Protocol, one conformance test."""
