// Package web is the daemon's HTTP server: XML-RPC at /RPC2, logs that are followed
// at /logtail and /mainlogtail, and who may see them. It answers as Supervisor's
// server does, down to the bodies of its errors, and lets net/http decide where
// Supervisor's is deaf, slow or wrong.
//
// The pages that people look at are not built yet; their addresses are not found.
package web
