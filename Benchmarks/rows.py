"""Results as rows of JSON, which a run that was stopped goes on from."""
import json


class Rows:
    """One row a measurement, appended as they come; what stands there is not measured again."""

    def __init__(self, path):
        self.path = path
        self.rows = [json.loads(line) for line in open(path)] if path.exists() else []

    def add(self, **row):
        self.rows.append(row)
        with open(self.path, "a") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def has(self, **wanted):
        return any(all(row.get(k) == v for k, v in wanted.items()) for row in self.rows)

    def of(self, kind):
        return [row for row in self.rows if row["row"] == kind]
