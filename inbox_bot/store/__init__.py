"""The desk between the rooms: rows in a database in, frozen domain values out, one transaction a step."""
