"""From a charge to an initiative: ordered, versioned, effective-dated rules; the first that matches wins.

What no rule takes is unclaimed, and stays visible as such. Rules look at keys (distinct combinations of tags, account,
resource, service), never at single rows; a rule that ends on a day moves nothing before it. Layers of cost are decided by
rules of the same kind, kept in fixtures/cost_layers.csv.
"""
