"""What the parts of Tokstream say to each other: Structs, names and codes. Imports nothing of ours."""
