package sirdar

import "fmt"

// FaultCode is the number of an XML-RPC fault of Supervisor.
type FaultCode int

// The fault codes. SUCCESS is no fault; it stands as the status in result lists.
const (
	UnknownMethod        FaultCode = 1
	IncorrectParameters  FaultCode = 2
	BadArguments         FaultCode = 3
	SignatureUnsupported FaultCode = 4
	ShutdownState        FaultCode = 6
	BadName              FaultCode = 10
	BadSignal            FaultCode = 11
	NoFile               FaultCode = 20
	NotExecutable        FaultCode = 21
	Failed               FaultCode = 30
	AbnormalTermination  FaultCode = 40
	SpawnError           FaultCode = 50
	AlreadyStarted       FaultCode = 60
	NotRunning           FaultCode = 70
	Success              FaultCode = 80
	AlreadyAdded         FaultCode = 90
	StillRunning         FaultCode = 91
	CantReread           FaultCode = 92
)

var faultNames = map[FaultCode]string{
	UnknownMethod:        "UNKNOWN_METHOD",
	IncorrectParameters:  "INCORRECT_PARAMETERS",
	BadArguments:         "BAD_ARGUMENTS",
	SignatureUnsupported: "SIGNATURE_UNSUPPORTED",
	ShutdownState:        "SHUTDOWN_STATE",
	BadName:              "BAD_NAME",
	BadSignal:            "BAD_SIGNAL",
	NoFile:               "NO_FILE",
	NotExecutable:        "NOT_EXECUTABLE",
	Failed:               "FAILED",
	AbnormalTermination:  "ABNORMAL_TERMINATION",
	SpawnError:           "SPAWN_ERROR",
	AlreadyStarted:       "ALREADY_STARTED",
	NotRunning:           "NOT_RUNNING",
	Success:              "SUCCESS",
	AlreadyAdded:         "ALREADY_ADDED",
	StillRunning:         "STILL_RUNNING",
	CantReread:           "CANT_REREAD",
}

// String returns the code's name, "UNKNOWN" for a code that nobody listed.
func (c FaultCode) String() string {
	if name, ok := faultNames[c]; ok {
		return name
	}
	return "UNKNOWN"
}

// A Fault is an answer that says no. It is an error whose text is the fault
// string that goes over the wire: "NAME" or "NAME: detail".
type Fault struct {
	Code FaultCode
	Text string
}

// NewFault makes a Fault; the detail may be empty.
func NewFault(code FaultCode, detail string) *Fault {
	if detail == "" {
		return &Fault{Code: code, Text: code.String()}
	}
	return &Fault{Code: code, Text: fmt.Sprintf("%s: %s", code, detail)}
}

// Error returns the fault string.
func (f *Fault) Error() string { return f.Text }

// Is makes errors.Is(err, &Fault{Code: …}) true for any fault of that code.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code && (t.Text == "" || t.Text == f.Text)
}
