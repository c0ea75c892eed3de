/** The statuses of gRPC that stand for a failure, by their number from 1 on. @see gRPC documentation, "Status Codes" */
export const grpcStatuses = [
  ...(['CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'] as const),
  ...(['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'] as const),
  ...(['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'] as const),
] as const;

type GrpcStatus = (typeof grpcStatuses)[number];

/** The head of an answer that is nothing but a status. @see gRPC documentation, "gRPC over HTTP2", Trailers-Only */
export const grpcHeaders = (status: GrpcStatus): Record<string, string> => ({
  'content-type': 'application/grpc',
  'grpc-status': String(grpcStatuses.indexOf(status) + 1),
  'grpc-message': 'injected',
});
