/** What a client of the API is answered when its request cannot be done. */
export class ApiError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export const badBody = (why: string): ApiError => new ApiError(`bad request body: ${why}`, 400);
export const missingField = (which: string): ApiError => new ApiError(`missing required field: ${which}`, 400);
