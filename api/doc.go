// Package api is the supervisor.* namespace both ways: a table of methods that
// asks a [sirdar.Supervisor], and beside it [Client], which is a
// [sirdar.Supervisor] that asks such a table through a wire.
package api
