// Package supervisortest holds the suite that every [sirdar.Supervisor] must pass,
// whatever wire it is asked through, and a [Fake] that passes it without a single
// process. It is to Supervisors what testing/slogtest is to slog's handlers.
package supervisortest
