"""opswarden: agents for the operations of an ML platform, behind one gate that redacts, decides and records."""
