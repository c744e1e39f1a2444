//! Pictures with their telemetry: MISB KLV, SEI time, access units, MPEG-TS.
