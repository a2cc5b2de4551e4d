/** One row per failure that can cross a process border or reach a client. */
export interface ErrorRow {
  /** HTTP status the api answers with. */
  readonly status: number
  /** True when the same job may succeed later without anybody changing its input. */
  readonly retryable: boolean
  /** Said when the thrower gives no words of its own. */
  readonly message: string
}

/**
 * Every failure, once. Thrown anywhere as a GlanceError of that code, it travels over the bus unchanged;
 * the api reads `status`, the job runner `retryable`. Nobody else maps.
 */
export const ERRORS = {
  BadRequest: { status: 400, retryable: false, message: 'The request could not be understood.' },
  InvalidTransition: { status: 400, retryable: false, message: 'The image cannot change to that status.' },
  FormatsUnset: {
    status: 400,
    retryable: false,
    message: 'disk_format and container_format must be set before data can be added.',
  },
  SizeMismatch: {
    status: 400,
    retryable: false,
    message: 'The number of bytes received differs from the announced size.',
  },
  UnknownStore: { status: 400, retryable: false, message: 'There is no such store.' },
  Unauthorized: { status: 401, retryable: false, message: 'The request you have made requires authentication.' },
  TicketRefused: { status: 401, retryable: false, message: 'The transfer ticket is unknown, used or expired.' },
  Forbidden: { status: 403, retryable: false, message: 'You are not authorized to complete this action.' },
  ReadOnlyAttribute: { status: 403, retryable: false, message: 'The attribute is read-only.' },
  ReservedAttribute: { status: 403, retryable: false, message: 'The attribute is reserved.' },
  NotFound: { status: 404, retryable: false, message: 'The resource could not be found.' },
  StoreObjectNotFound: { status: 404, retryable: false, message: 'The store holds no such object.' },
  MethodNotAllowed: { status: 405, retryable: false, message: 'The method is not allowed for this resource.' },
  Conflict: { status: 409, retryable: false, message: 'The request conflicts with the state of the resource.' },
  Duplicate: { status: 409, retryable: false, message: 'The resource exists already.' },
  StoreObjectInUse: { status: 409, retryable: false, message: 'The data are in use in the store.' },
  Gone: { status: 410, retryable: false, message: 'The image was deleted while its data were on their way.' },
  StoreReadOnly: { status: 410, retryable: false, message: 'The store does not take data.' },
  LeaseLost: { status: 410, retryable: false, message: 'The transfer lost its lease.' },
  TooLarge: { status: 413, retryable: false, message: 'The request exceeds a limit.' },
  StoreFull: { status: 413, retryable: false, message: 'The store has no space left for the data.' },
  UnsupportedMediaType: { status: 415, retryable: false, message: 'The media type is not supported here.' },
  FormatRefused: { status: 415, retryable: false, message: 'The data are not what disk_format says, or are not safe.' },
  RangeNotSatisfiable: { status: 416, retryable: false, message: 'The range cannot be satisfied.' },
  HeadersTooLarge: { status: 431, retryable: false, message: 'A request header is too long.' },
  Internal: { status: 500, retryable: true, message: 'The server failed to complete the request.' },
  NotImplemented: { status: 501, retryable: false, message: 'The method is unknown.' },
  Unavailable: { status: 503, retryable: true, message: 'The service is unavailable at the moment; try again later.' },
  StoreWriteDenied: { status: 503, retryable: true, message: 'The store refuses to be written.' },
  StoreUnavailable: { status: 503, retryable: true, message: 'The store cannot be reached.' },
  DeadlineExceeded: { status: 503, retryable: true, message: 'The answer did not come in time.' },
  ClientGone: { status: 499, retryable: false, message: 'The client closed the connection.' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS
