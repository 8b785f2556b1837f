/* log - words for the operator: one line each on stderr (journald reads it), never per packet. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* At the start, in one thread: where stderr is the journal, lines bear their priority from now on (`journalctl -p`). */
void toc_log_begin(void);

/* Prints "tocsin: warning: …". Control characters in the text are escaped. */
void toc_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void toc_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints "tocsin: …"; the caller then returns its exit status. */
void toc_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
