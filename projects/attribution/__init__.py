"""From a charge to an initiative: ordered, versioned, effective-dated rules; the first that matches wins.

What no rule takes is unclaimed, and stays visible as such. Rules look at keys (distinct combinations of tags, account,
resource, service), never at single rows; a rule that ends on a day moves nothing before it. Layers of cost are decided by
rules of the same kind, kept in fixtures/cost_layers.csv.

A rule of purpose stands in the same book and says what a charge is for, on all days, and gives it to nobody; what finance
does not say, fixtures/purposes.csv does. A purpose is told by what the database keeps of a key alone and is unclassified
where no words say it. It stands on the key's group, so that rollups tell purposes apart; when rules change, keys change
groups and their days are rolled up again.
"""
