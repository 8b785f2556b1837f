/* second_path - words to the machine's own syslog (RFC 3164), for when the first path, Redis, is what is broken. */
#ifndef APP_SECOND_PATH_H
#define APP_SECOND_PATH_H

#include "base/opener.h"

struct toc_second_path;

/* socket: path of syslog's datagram socket, connected to for each line by the opener. NULL: no memory. */
struct toc_second_path *toc_second_path_new(const struct toc_opener *opener, const char *socket);
void toc_second_path_free(struct toc_second_path *s);

/* One line of the audit log, to syslog only (a notice). s NULL: nowhere. */
void toc_second_path_note(struct toc_second_path *s, const char *line);

/* One line, also to stderr as a warning. Any thread. s NULL: stderr only. */
void toc_second_path_say(struct toc_second_path *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
