package sqljournal

import (
	"context"
	"database/sql"
	"errors"
)

func openPostgreSQL(context.Context, string, Options) (*Journal, error) {
	return nil, errors.ErrUnsupported
}
func newPostgreSQL(context.Context, *sql.DB, Options) (*Journal, error) {
	return nil, errors.ErrUnsupported
}
