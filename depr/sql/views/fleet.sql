CREATE OR REPLACE VIEW fleet AS
SELECT
    issuer, generation, currency,
    count(*) AS lots, sum(units)::BIGINT AS units, sum(units_held)::BIGINT AS units_held, sum(cost) AS cost,
    sum(coalesce(cost_low, cost)) AS cost_low, sum(coalesce(cost_high, cost)) AS cost_high,
    min(purchase_date) AS first_purchase, max(purchase_date) AS last_purchase
FROM lots
GROUP BY issuer, generation, currency;
COMMENT ON VIEW fleet IS 'What each issuer bought, by generation: lots, units, cost in units of the currency';
COMMENT ON COLUMN fleet.issuer IS 'owner';
COMMENT ON COLUMN fleet.generation IS 'GPU generation';
COMMENT ON COLUMN fleet.currency IS 'ISO 4217 code';
COMMENT ON COLUMN fleet.lots IS 'number of lots';
COMMENT ON COLUMN fleet.units IS 'units acquired';
COMMENT ON COLUMN fleet.units_held IS 'units held';
COMMENT ON COLUMN fleet.cost IS 'cost';
COMMENT ON COLUMN fleet.cost_low IS 'cost with every estimate at its low end; a known cost counts as it is';
COMMENT ON COLUMN fleet.cost_high IS 'cost with every estimate at its high end; a known cost counts as it is';
COMMENT ON COLUMN fleet.first_purchase IS 'earliest date of purchase';
COMMENT ON COLUMN fleet.last_purchase IS 'latest date of purchase';
