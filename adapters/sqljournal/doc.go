// Package sqljournal is the durable journal of KECIS: SQLite in a file, which
// needs nothing else, or PostgreSQL, which several servers share. Both have the
// same tables.
package sqljournal
