import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ChildLoggerOptions,
  destination,
  type Logger,
  type LoggerOptions,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino'
import { osloLine } from './log/oslo-line.ts'
import { redactFields, redactText } from './log/redact.ts'

/** What a log line says besides its message. Values under names such as `password` or `token` are never written. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes one line: a message, or fields and a message. An error goes into the field `err`. */
export interface LogMethod {
  (message: string): void
  (fields: LogFields, message: string): void
}

/**
 * What code may do with a log. Fields that say who asked are `request_id`, `user_id` and `project_id`.
 */
export interface Log {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  /** A log whose every line carries these fields too. */
  child(fields: LogFields): Log
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  /** Name of the service, and of its file: `glance_api`, `glance_registry`, `glance_store_worker` … */
  readonly service: string
  /** One JSON object a line, or oslo.log's line format. */
  readonly format: 'json' | 'oslo'
  /** Least level written; `info` by default. */
  readonly level?: LogLevel
  /** Directory of the file `<service>.log`; it is made when missing. No file without it. */
  readonly dir?: string | undefined
  /** Writes to standard output as well, or instead. Without a directory it is always on. */
  readonly stdout?: boolean
}

/** The log an operator configured in `[DEFAULT]`, for one service. */
export function logOptions(
  service: string,
  settings: { readonly debug: boolean; readonly log_format: 'json' | 'oslo'; readonly log_dir: string | undefined },
): LogOptions {
  const { debug, log_format: format, log_dir: dir } = settings
  return { service, format, level: debug ? 'debug' : 'info', dir }
}

/** A log with a life: whoever opened it closes it. */
export interface OpenLog {
  readonly log: Log
  /** Opens the file anew after logrotate has moved it away. */
  reopen(): void
  /** Writes everything that waits, and then lets go of the file. */
  close(): Promise<void>
}

type Sink = ReturnType<typeof destination>

const FILE_MODE = 0o640

function openSink(dest: string | number, service: string): Sink {
  const sink = destination({ dest, sync: false, mode: FILE_MODE })
  // A full disk must not end the service; the lines are lost, and standard error says so.
  sink.on('error', (error: Error) => process.stderr.write(`${service}: cannot write its log: ${error.message}\n`))
  return sink
}

function openFile(dir: string, service: string): Sink {
  const file = join(dir, `${service}.log`)
  try {
    mkdirSync(dir, { recursive: true })
    closeSync(openSync(file, 'a', FILE_MODE))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`log_dir: ${file} cannot be written: ${reason}`, { cause })
  }
  return openSink(file, service)
}

function closeSink(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    sink.once('close', resolve)
    sink.once('error', () => resolve())
    sink.end()
  })
}

/** pino writes bound fields past its formatters; children inherit this, so it holds for theirs too. */
function redactBindings(logger: Logger): void {
  const child = logger.child
  Object.assign(logger, {
    child(this: Logger, fields: LogFields, options?: ChildLoggerOptions): Logger {
      return Reflect.apply(child, this, [redactFields(fields), options]) as Logger
    },
  })
}

function pinoOptions(options: LogOptions): LoggerOptions {
  return {
    level: options.level ?? 'info',
    base: { service: options.service, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    messageKey: 'msg',
    formatters: {
      level: (label) => ({ level: label }),
      log: redactFields,
    },
    // An error of an HTTP client may carry the headers it sent.
    serializers: { err: (error: Error) => redactFields({ ...stdSerializers.err(error) }) },
    hooks: { streamWrite: options.format === 'oslo' ? (line) => osloLine(redactText(line)) : redactText },
  }
}

/**
 * Opens the log of a service. Lines are written in the background and in order; what waits at a normal exit of the
 * process is still written.
 * @throws Error when the file cannot be written
 */
export function openLog(options: LogOptions): OpenLog {
  const file = options.dir === undefined ? undefined : openFile(options.dir, options.service)
  const isOnStdout = options.stdout === true || file === undefined
  const stdout = isOnStdout ? openSink(1, options.service) : undefined
  const sinks = [file, stdout].filter((sink) => sink !== undefined)
  const log = pino(pinoOptions(options), {
    write(line: string) {
      for (const sink of sinks) sink.write(line)
    },
  })
  redactBindings(log)
  return {
    log,
    reopen: () => file?.reopen(),
    close: async () => {
      stdout?.flushSync()
      if (file) await closeSink(file)
    },
  }
}
