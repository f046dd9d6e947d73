"""What tells segments apart, against scipy and numpy over real tables: one customer a row, the columns as attributes.

The tables lie in the folder that CLIENTELE_TEST_DATA names; without it these cases say that they did not run.
"""

import csv
import math
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy
from scipy.stats import mannwhitneyu
from scipy.stats.contingency import association

from api import Failure
from resource import refused

TABLES = {
    "wholesale": "wholesale_customers/wholesale_customers.csv",
    "telco": "telco_churn/telco_customer_churn.csv",
}
# The columns that are texts though digits stand in them.
CODES = {"wholesale": ["channel", "region"], "telco": []}
STANDARD = [
    "addresses.postal_address.region_code",
    "audience",
    "business.industry",
    "conversation_count",
    "deciding_roles",
    "engagement.intent",
    "engagement.preferred_channels",
    "frequency",
    "kind",
    "lifecycle",
    "size",
    "used_channels",
    "years_in_business",
]


def snake(column):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower()


def rows(name):
    """Reads a table; a blank is no value, and what is a number is one, unless it is a code."""
    folder = os.environ.get("CLIENTELE_TEST_DATA")
    if not folder:
        print(f"not run: CLIENTELE_TEST_DATA does not name a folder with {TABLES[name]}")
        return None
    with open(os.path.join(folder, TABLES[name]), newline="", encoding="utf-8") as file:
        table = [{snake(column): text.strip() for column, text in row.items()} for row in csv.DictReader(file)]
    is_number = lambda column: column not in CODES[name] and all(number(row[column]) is not None for row in table if row[column])
    numbers = {column for column in table[0] if is_number(column)}
    value = lambda column, text: number(text) if column in numbers else text
    return [{column: value(column, text) for column, text in row.items() if text} for row in table]


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def near(one, other):
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def check_numbers(field, a, b):
    """Holds a field of numbers against scipy and numpy; returns the effect."""
    for numbers, group in [(field["a_numbers"], a), (field["b_numbers"], b)]:
        wanted = [*numpy.quantile(group, [0, 0.25, 0.5, 0.75, 1]), numpy.mean(group)]
        names = ["min", "lower_quartile", "median", "upper_quartile", "max", "mean"]
        assert all(near(numbers.get(name, 0), one) for name, one in zip(names, wanted)), (field["field"], numbers, wanted)
    both = (min(a + b), max(a + b))
    for key, group in [("a_count", a), ("b_count", b)]:
        counts, edges = numpy.histogram(group, bins=10, range=both)
        assert [bucket.get(key, 0) for bucket in field["buckets"]] == list(counts), (field["buckets"], counts)
        bounds = [bucket.get("start", 0) for bucket in field["buckets"]] + [field["buckets"][-1].get("end", 0)]
        assert all(near(bound, edge) for bound, edge in zip(bounds, edges, strict=True)), (bounds, edges)
    assert field["measure"] == "CLIFFS_DELTA", field
    return 2 * mannwhitneyu(a, b).statistic / (len(a) * len(b)) - 1


def check_categories(field, a, b):
    """Holds a field of categories against scipy; returns the effect."""
    found = {each["value"]: [each.get(key, 0) for key in ["a_count", "b_count"]] for each in field["categories"]}
    a, b = Counter(a), Counter(b)
    wanted = {value: [a[value], b[value]] for value in a | b}
    assert found == wanted, (field["field"], found, wanted)
    assert field["measure"] == "CRAMERS_V", field
    return association(numpy.array(list(wanted.values())), method="cramer", correction=False)


class Comparisons:
    """Segments of real tables. Each method whose name starts with `case_` is one case, run in this order."""

    def __init__(self, api):
        self.api = api
        self.base = {}

    def segment(self, name, filter):
        request = {"segment": {"display_name": name, "filter": filter}}
        return self.api.call("SegmentService/CreateSegment", request).message["name"]

    def create(self, request):
        """Creates a customer; does it again when another write was in the way, as the API tells its callers to."""
        try:
            return self.api.call("CustomerService/CreateCustomer", request)
        except Failure as failure:
            if failure.reason != "CONCURRENT_WRITE":
                raise
            return self.create(request)

    def fill(self, name):
        """Makes a customer of each row, once."""
        table = rows(name)
        if table is None or name in self.base:
            return table
        customer = lambda row: {"display_name": name, "kind": "BUSINESS", "attributes": {name: row}}
        create = lambda row: self.create({"customer": customer(row)})
        create(table[0])
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(create, table[1:]))
        self.base[name] = table
        return table

    def check(self, name, comparison, columns, a, b):
        """Holds a comparison of two lists of rows against the same worked out here."""
        fields = {field["field"]: field for field in comparison["fields"]}
        assert sorted(fields) == sorted([*STANDARD, *(f"attributes.{name}.{column}" for column in columns)]), sorted(fields)
        for column in columns:
            field = fields[f"attributes.{name}.{column}"]
            of = lambda group: [row[column] for row in group if column in row]
            counts = field["a_set_count"], field["b_set_count"]
            assert counts == (len(of(a)), len(of(b))), (column, counts)
            if len(set(of(a) + of(b))) < 2:
                assert field["state"] == "NOT_ENOUGH", field
                continue
            check = check_categories if isinstance((of(a) + of(b))[0], str) else check_numbers
            effect = check(field, of(a), of(b))
            assert near(field.get("effect", 0), effect), (column, field.get("effect"), effect)
        rank = lambda field: (-abs(field.get("effect", 0)) if field["state"] == "COMPARED" else 1, field["field"])
        assert comparison["fields"] == sorted(comparison["fields"], key=rank), "the fields are not in order"

    def case_two_segments_of_wholesale_customers_are_told_apart_as_scipy_says(self):
        table = self.fill("wholesale")
        if table is None:
            return
        a = self.segment("Cafés", 'attributes.wholesale.channel = "1"')
        b = self.segment("Elsewhere", 'attributes.wholesale.region = "3"')
        fields = [f"attributes.wholesale.{column}" for column in table[0]]
        answer = self.api.call("SegmentService/CompareSegments", {"a": a, "b": b, "fields": fields})
        comparison = answer.message
        in_a = [row for row in table if row["channel"] == "1"]
        in_b = [row for row in table if row["region"] == "3"]
        self.check("wholesale", comparison, table[0], in_a, in_b)
        both = [row for row in in_a if row in in_b]
        sizes = [comparison["a"]["customer_count"], comparison["b"]["customer_count"], comparison["overlap_count"]]
        assert sizes == [len(in_a), len(in_b), len(both)] == [298, 316, 211], sizes
        assert comparison["revision"] == answer.headers["clientele-revision"], comparison["revision"]

    def case_those_who_left_are_told_apart_as_scipy_says(self):
        table = self.fill("telco")
        if table is None:
            return
        left = self.segment("Left", 'attributes.telco.churn = "Yes"')
        stayed = self.segment("Stayed", f'NOT segment:"{left}" AND attributes.telco:*')
        columns = [column for column in table[0] if column != "customer_id"]
        fields = [f"attributes.telco.{column}" for column in columns]
        groups = [[row for row in table if row["churn"] == churn] for churn in ["Yes", "No"]]
        request = {"a": left, "b": stayed, "fields": fields}
        comparison = self.api.call("SegmentService/CompareSegments", request).message
        self.check("telco", comparison, columns, *groups)
        first = comparison["fields"][0]
        assert (first["field"], first["effect"]) == ("attributes.telco.churn", 1.0), first
        request = {"segment": left, "fields": fields}
        comparison = self.api.call("SegmentService/DescribeSegment", request).message
        self.check("telco", comparison, columns, groups[0], table)
        assert comparison["overlap_count"] == comparison["a"]["customer_count"] == 1869, comparison["overlap_count"]
        request = {"segment": left, "fields": ["attributes.telco.customer_id"]}
        comparison = self.api.call("SegmentService/DescribeSegment", request).message
        [names] = [field for field in comparison["fields"] if field["field"].startswith("attributes.")]
        assert names["state"] == "TOO_MANY_VALUES" and "categories" not in names, names

    def case_a_field_that_is_not_compared_is_refused(self):
        segment = self.segment("Nobody", 'display_name = "nobody"')
        for field in ["label.tier", "bussiness.industry", "about", "labels.", "nothing of the kind"]:
            describe = lambda: self.api.call("SegmentService/DescribeSegment", {"segment": segment, "fields": [field]})
            failure = refused(describe, "INVALID_ARGUMENT", "FIELD_INVALID")
            assert failure.fields == ["fields[0]"], failure
