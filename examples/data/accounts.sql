-- The customers and orders of a help desk. All of them are invented.

CREATE TABLE customers (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    plan  TEXT NOT NULL CHECK (plan IN ('free', 'team', 'business'))
) STRICT;

CREATE TABLE orders (
    number      TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    item        TEXT NOT NULL,
    cents       INTEGER NOT NULL CHECK (cents >= 0),
    status      TEXT NOT NULL CHECK (status IN ('open', 'shipped', 'delivered', 'cancelled')),
    ordered_on  TEXT NOT NULL,
    due_on      TEXT
) STRICT;

CREATE INDEX orders_by_customer ON orders (customer_id, ordered_on DESC);

INSERT INTO customers (id, name, email, plan) VALUES
    ('c-01', 'Grace Okafor',     'grace@example.com',   'team'),
    ('c-02', 'Ada Lindqvist',    'ada@example.com',     'business'),
    ('c-03', 'Jun Watanabe',     'jun@example.org',     'free'),
    ('c-04', 'Marta Puig',       'marta@example.net',   'team'),
    ('c-05', 'Tomás Herrera',    'tomas@example.com',   'business'),
    ('c-06', 'Leïla Benali',     'leila@example.org',   'team'),
    ('c-07', 'Owen Price',       'owen@example.net',    'free'),
    ('c-08', 'Zofia Kowalczyk',  'zofia@example.com',   'team');

INSERT INTO orders (number, customer_id, item, cents, status, ordered_on, due_on) VALUES
    ('G-1187', 'c-01', 'Support plan, 12 months',            120000, 'delivered', '2025-11-03', NULL),
    ('G-1204', 'c-01', 'Printed field guide, 5 copies',       14500, 'shipped',   '2026-02-24', '2026-03-04'),
    ('G-1219', 'c-01', 'Workshop: tracing agents, 2 seats',   98000, 'open',      '2026-03-01', '2026-04-14'),
    ('G-1140', 'c-02', 'Support plan, 12 months',            120000, 'delivered', '2025-09-15', NULL),
    ('G-1222', 'c-02', 'Workshop: tracing agents, 12 seats', 540000, 'open',      '2026-03-02', '2026-04-14'),
    ('G-1198', 'c-03', 'Printed field guide, 1 copy',          2900, 'delivered', '2026-01-12', NULL),
    ('G-1205', 'c-04', 'Printed field guide, 2 copies',        5800, 'cancelled', '2026-02-25', NULL),
    ('G-1211', 'c-04', 'Support plan, 1 month',               12000, 'delivered', '2026-02-27', NULL),
    ('G-1176', 'c-05', 'Support plan, 12 months',            120000, 'delivered', '2025-10-20', NULL),
    ('G-1216', 'c-05', 'Printed field guide, 30 copies',      81000, 'shipped',   '2026-02-28', '2026-03-09'),
    ('G-1209', 'c-06', 'Workshop: tracing agents, 1 seat',    49000, 'open',      '2026-02-26', '2026-04-14'),
    ('G-1193', 'c-08', 'Support plan, 12 months',            120000, 'delivered', '2025-12-09', NULL),
    ('G-1240', 'c-08', 'Printed field guide, 3 copies',        8700, 'open',      '2026-03-05', '2026-03-16');
