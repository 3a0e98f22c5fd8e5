// A job is one constant: its name and the schema of its payload. A handler names the job that it processes.
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** A kind of job. Make it with `defineJob`. */
export interface Job<Payload extends z.ZodObject = z.ZodObject> { readonly name: string; readonly payload: Payload }

export type PayloadOf<J extends Job> = z.output<J['payload']>;

/** `signal` aborts when the worker must stop: save what is done and return, or the process ends without you. */
export interface JobContext {
  /** Aborted when there is no more time to end. */
  readonly signal: AbortSignal;
  /** Aborted when the worker is asked to stop: end where the work can be taken up again. */
  readonly stopping: AbortSignal;
}

export interface JobHandler<Payload> { handle(payload: Payload, context: JobContext): Promise<unknown> }

const defined = new Map<string, Job>();
const processes = new WeakMap<object, Job>();

/**
 * Defines a job, once in a program. The payload holds ids only, never rows or secrets: it lies readable in the queue store.
 * Every defined job needs a handler in the worker, which refuses to start otherwise.
 */
export function defineJob<Payload extends z.ZodObject>(name: string, payload: Payload): Job<Payload> {
  if (defined.has(name)) throw new Error(`the job "${name}" is defined twice`);
  const job = { name, payload };
  defined.set(name, job);
  return job;
}

/** Every job defined by the modules loaded so far. */
export const definedJobs = (): Job[] => [...defined.values()];

/** Marks a class as the handler of a job, and as injectable. */
export function Processes<Payload extends z.ZodObject>(job: Job<Payload>) {
  return <Handler extends new (...args: never[]) => JobHandler<z.output<Payload>>>(handler: Handler): void => {
    processes.set(handler, job);
    Injectable()(handler);
  };
}

/** The job a handler was marked for, or undefined. */
export const processedBy = (handler: object): Job | undefined => processes.get(handler.constructor);

/** Parses a payload, on both sides of the queue. @throws Error that names the fields, never their values. */
export function parsePayload<Payload extends z.ZodObject>(job: Job<Payload>, payload: unknown): z.output<Payload> {
  const parsed = job.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`);
  throw new Error(`the payload of "${job.name}" cannot be used: ${issues.join('; ')}`);
}
