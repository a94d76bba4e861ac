"""Public incident data sets, turned into labelled cases in the snapshot format; one file per raw format."""
