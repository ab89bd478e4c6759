/**
 * What native libraries read from the environment, set before any of them is loaded: every process's entry imports this
 * first. Threads and child processes have it from the process that started them.
 */

// From 1.30 on ONNX Runtime reports to Microsoft where it finds a network, and leaves an empty mat-debug-PID.log in the
// folder for temporary files. Heschl works offline: nothing of a study, a model or its use leaves the machine.
process.env.ORT_DISABLE_TELEMETRY = '1'

// NVIDIA's libraries multiply float32 with 10 bits of mantissa unless they are told not to, and the check of CUDA would
// rightly refuse that.
process.env.NVIDIA_TF32_OVERRIDE = '0'
