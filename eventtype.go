package sirdar

import "slices"

// eventTypes are the names that an event listener may subscribe to. A name stands
// for all that begin with it and an underscore, and EVENT for every one; the names
// that have others below them never occur by themselves.
var eventTypes = []string{
	"EVENT",
	"PROCESS_COMMUNICATION",
	"PROCESS_COMMUNICATION_STDERR",
	"PROCESS_COMMUNICATION_STDOUT",
	"PROCESS_GROUP",
	"PROCESS_GROUP_ADDED",
	"PROCESS_GROUP_REMOVED",
	"PROCESS_LOG",
	"PROCESS_LOG_STDERR",
	"PROCESS_LOG_STDOUT",
	"PROCESS_STATE",
	"PROCESS_STATE_BACKOFF",
	"PROCESS_STATE_EXITED",
	"PROCESS_STATE_FATAL",
	"PROCESS_STATE_RUNNING",
	"PROCESS_STATE_STARTING",
	"PROCESS_STATE_STOPPED",
	"PROCESS_STATE_STOPPING",
	"PROCESS_STATE_UNKNOWN",
	"REMOTE_COMMUNICATION",
	"SUPERVISOR_STATE_CHANGE",
	"SUPERVISOR_STATE_CHANGE_RUNNING",
	"SUPERVISOR_STATE_CHANGE_STOPPING",
	"TICK",
	"TICK_3600",
	"TICK_5",
	"TICK_60",
}

// IsEventType says whether an event listener may subscribe to name, which is in
// upper case.
func IsEventType(name string) bool {
	_, found := slices.BinarySearch(eventTypes, name)
	return found
}
