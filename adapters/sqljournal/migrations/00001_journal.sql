-- +goose Up

-- {{number}} is a row's own number, rising in the order of insertion. Times are
-- milliseconds since 1970 in UTC, 0 for none. Amounts are in minor units.

CREATE TABLE {{prefix}}request (
  seq            {{number}},
  sender         {{text}} NOT NULL,
  id             {{text}} NOT NULL,
  kind           {{text}} NOT NULL,
  digest         {{octets}},
  document       {{octets}},
  issued         BIGINT NOT NULL,
  deadline       BIGINT NOT NULL,
  state          SMALLINT NOT NULL, -- 1 running, 2 sealed, 3 tombstone
  epoch          BIGINT NOT NULL,
  operation      {{text}} NOT NULL, -- the key that the service is given
  transaction_id {{text}} NOT NULL,
  details        {{octets}},
  reversed       {{text}} NOT NULL,
  code           {{text}} NOT NULL,
  outcome        {{text}} NOT NULL,
  retry          {{text}} NOT NULL,
  answer         {{octets}},
  claimed        BIGINT NOT NULL,
  sealed         BIGINT NOT NULL,
  due            BIGINT NOT NULL,
  tries          BIGINT NOT NULL
);
CREATE UNIQUE INDEX {{prefix}}request_key ON {{prefix}}request (sender, id);
CREATE INDEX {{prefix}}request_due ON {{prefix}}request (due) WHERE due > 0;

-- transaction is a word of SQL.
CREATE TABLE {{prefix}}payment (
  seq         {{number}},
  id          {{text}} NOT NULL,
  owner       {{text}} NOT NULL,
  request_id  {{text}} NOT NULL,
  requester   {{text}} NOT NULL,
  order_id    {{text}} NOT NULL,
  part        BIGINT NOT NULL,
  attempt     BIGINT NOT NULL,
  operation   {{text}} NOT NULL,
  state       {{text}} NOT NULL,
  currency    {{text}} NOT NULL,
  amount      BIGINT NOT NULL,
  captured    BIGINT NOT NULL,
  cancelled   BIGINT NOT NULL,
  cancellable BIGINT NOT NULL,
  created     BIGINT NOT NULL,
  changed     BIGINT NOT NULL,
  busy        {{text}} NOT NULL,
  sequence    BIGINT NOT NULL,
  due         BIGINT NOT NULL,
  tries       BIGINT NOT NULL,
  details     {{octets}}
);
CREATE UNIQUE INDEX {{prefix}}payment_key ON {{prefix}}payment (id);
CREATE INDEX {{prefix}}payment_owner ON {{prefix}}payment (owner, created, id);
CREATE INDEX {{prefix}}payment_due ON {{prefix}}payment (due) WHERE due > 0;

-- parts is a JSON list.
CREATE TABLE {{prefix}}orders (
  requester {{text}} NOT NULL,
  order_id  {{text}} NOT NULL,
  currency  {{text}} NOT NULL,
  amount    BIGINT NOT NULL,
  parts     {{text}} NOT NULL,
  PRIMARY KEY (requester, order_id)
){{keyed}};

CREATE TABLE {{prefix}}sent (
  seq       {{number}},
  recipient {{text}} NOT NULL,
  id        {{text}} NOT NULL,
  kind      {{text}} NOT NULL,
  operation {{text}} NOT NULL,
  digest    {{octets}},
  document  {{octets}},
  issued    BIGINT NOT NULL,
  deadline  BIGINT NOT NULL,
  state     SMALLINT NOT NULL, -- 1 open, 2 ended
  code      {{text}} NOT NULL,
  outcome   {{text}} NOT NULL,
  retry     {{text}} NOT NULL,
  answer    {{octets}},
  created   BIGINT NOT NULL,
  due       BIGINT NOT NULL,
  tries     BIGINT NOT NULL,
  details   {{octets}}
);
CREATE UNIQUE INDEX {{prefix}}sent_key ON {{prefix}}sent (recipient, id);
CREATE INDEX {{prefix}}sent_operation ON {{prefix}}sent (operation) WHERE operation <> '';
CREATE INDEX {{prefix}}sent_due ON {{prefix}}sent (due) WHERE due > 0;

CREATE TABLE {{prefix}}event (
  seq            {{number}},
  id             {{text}} NOT NULL,
  recipient      {{text}} NOT NULL,
  transaction_id {{text}} NOT NULL,
  sequence       BIGINT NOT NULL,
  position       BIGINT NOT NULL, -- the cursor; 0 before it has one
  at             BIGINT NOT NULL,
  body           {{octets}},
  state          SMALLINT NOT NULL, -- 1 waiting, 2 delivered, 3 dead
  due            BIGINT NOT NULL,
  tries          BIGINT NOT NULL
);
CREATE UNIQUE INDEX {{prefix}}event_key ON {{prefix}}event (id);
CREATE INDEX {{prefix}}event_transaction ON {{prefix}}event (transaction_id, sequence);
CREATE INDEX {{prefix}}event_feed ON {{prefix}}event (recipient, position) WHERE position > 0;
CREATE INDEX {{prefix}}event_new ON {{prefix}}event (seq) WHERE position = 0;
CREATE INDEX {{prefix}}event_due ON {{prefix}}event (due) WHERE due > 0;

CREATE TABLE {{prefix}}document (
  seq    {{number}},
  digest {{octets}} NOT NULL,
  octets {{octets}} NOT NULL,
  latest BIGINT NOT NULL -- when the youngest evidence that it was put with was made
);
CREATE UNIQUE INDEX {{prefix}}document_key ON {{prefix}}document (digest);

CREATE TABLE {{prefix}}evidence (
  seq        {{number}},
  number     BIGINT NOT NULL, -- the place in the chain; 0 before it has one
  at         BIGINT NOT NULL,
  sent       SMALLINT NOT NULL, -- 1 sent, 0 received
  peer       {{text}} NOT NULL,
  message_id {{text}} NOT NULL,
  kind       {{text}} NOT NULL,
  document   {{octets}},
  signer     {{octets}},
  serial     BIGINT NOT NULL,
  link       {{octets}}
);
CREATE UNIQUE INDEX {{prefix}}evidence_number ON {{prefix}}evidence (number) WHERE number > 0;
CREATE INDEX {{prefix}}evidence_new ON {{prefix}}evidence (seq) WHERE number = 0;

-- The service's own rows. One without a value only locks its key.
CREATE TABLE {{prefix}}record (
  space {{text}} NOT NULL,
  name  {{text}} NOT NULL,
  value {{octets}},
  PRIMARY KEY (space, name)
){{keyed}};

-- Numbers that the store goes on from.
CREATE TABLE {{prefix}}state (
  name   {{text}} PRIMARY KEY,
  number BIGINT NOT NULL,
  link   {{octets}}
);
INSERT INTO {{prefix}}state (name, number) VALUES ('cursor', 0);
INSERT INTO {{prefix}}state (name, number) VALUES ('chain', 0);
INSERT INTO {{prefix}}state (name, number) VALUES ('answers-swept', 0);
INSERT INTO {{prefix}}state (name, number) VALUES ('evidence-swept', 0);

-- +goose Down
DROP TABLE {{prefix}}state;
DROP TABLE {{prefix}}record;
DROP TABLE {{prefix}}evidence;
DROP TABLE {{prefix}}document;
DROP TABLE {{prefix}}event;
DROP TABLE {{prefix}}sent;
DROP TABLE {{prefix}}orders;
DROP TABLE {{prefix}}payment;
DROP TABLE {{prefix}}request;
