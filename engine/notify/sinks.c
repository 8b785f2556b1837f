/* sinks - mail and webhook by libcurl, syslog, a command; a table of them. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify/notify.h"

enum { TEXT = 8192, PATIENCE_S = 20 };

static bool say(char *err, size_t room, const char *sink, const char *why)
{
	snprintf(err, room, "%s: %s", sink, why);
	return false;
}

/* --- libcurl ------------------------------------------------------------------------------------------------------ */

struct upload {
	const char *at;
	size_t left;
};

static size_t give(char *out, size_t size, size_t n, void *user)
{
	struct upload *u = user;
	size_t some = size * n < u->left ? size * n : u->left;
	memcpy(out, u->at, some);
	u->at += some;
	u->left -= some;
	return some;
}

static size_t forget(char *text, size_t size, size_t n, void *user)
{
	(void)text;
	(void)user;
	return size * n;
}

static CURL *begin(const char *url, const char *protocols, char *words)
{
	CURL *c = curl_easy_init();
	if (!c)
		return NULL;
	words[0] = '\0';
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols); /* nothing else, wherever a URL comes from */
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)PATIENCE_S);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, forget);
	return c;
}

static bool end(CURL *c, struct curl_slist *list, const char *sink, char *words, char *err, size_t room)
{
	CURLcode got = curl_easy_perform(c);
	if (got != CURLE_OK)
		say(err, room, sink, words[0] ? words : curl_easy_strerror(got));
	curl_easy_cleanup(c);
	curl_slist_free_all(list);
	return got == CURLE_OK;
}

static bool send_mail(const struct notify_sinks *s, const struct notify_message *m, char *err, size_t room)
{
	char words[CURL_ERROR_SIZE], subject[256], body[TEXT], text[TEXT + 1024];
	struct curl_slist *to = NULL;
	CURL *c = begin(s->mail.server, "smtp,smtps", words);
	if (!c)
		return say(err, room, "mail", "out of memory");
	notify_subject(m, subject, sizeof(subject));
	notify_body(m, body, sizeof(body));
	int n = snprintf(
		text, sizeof(text),
		"From: <%s>\r\nTo: undisclosed-recipients:;\r\nSubject: %s\r\nAuto-Submitted: auto-generated\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n\r\n%s",
		s->mail.from, subject, body);
	struct upload u = { text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1 };
	for (const char *const *one = s->mail.to; *one; one++)
		to = curl_slist_append(to, *one);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, s->mail.from);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c, CURLOPT_USE_SSL, s->mail.plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, &u);
	if (s->mail.user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, s->mail.user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, s->mail.password);
	}
	return end(c, to, "mail", words, err, room);
}

static bool send_webhook(const struct notify_sinks *s, const struct notify_message *m, char *err, size_t room)
{
	char words[CURL_ERROR_SIZE], json[TEXT];
	CURL *c = begin(s->webhook, "http,https", words);
	if (!c)
		return say(err, room, "webhook", "out of memory");
	size_t n = notify_json(m, json, sizeof(json));
	struct curl_slist *head = curl_slist_append(NULL, "Content-Type: application/json");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, json);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)n);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	if (s->webhook_ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, s->webhook_ca);
	return end(c, head, "webhook", words, err, room);
}

/* --- this machine ------------------------------------------------------------------------------------------------- */

/* RFC 3164; facility daemon, alert for 4 and 5, else warning. A daemon that does not read is not waited for: what it
 * did not take is tried again later, as with the other sinks. */
static bool send_syslog(const struct notify_sinks *s, const struct notify_message *m, char *err, size_t room)
{
	char line[512], subject[256];
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", s->syslog);
	notify_subject(m, subject, sizeof(subject));
	int n = snprintf(line, sizeof(line), "<%d>tocsin[%d]: %s (%.8s)",
			 24 + (m->n && m->lines[0].severity >= 4 ? 1 : 4), (int)getpid(), subject,
			 m->n ? m->lines[0].id : "");
	bool ok = fd >= 0 && sendto(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&to,
				    sizeof(to)) == (ssize_t)n;
	if (!ok)
		say(err, room, "syslog", strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Waits for the child at most the patience; then it is killed. */
static bool bury(pid_t child, char *err, size_t room)
{
	int status = 0;
	for (int i = 0; i < PATIENCE_S * 20; i++) {
		if (waitpid(child, &status, WNOHANG) == child) {
			if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
				return true;
			return say(err, room, "command", "it failed (exit status or signal)");
		}
		poll(NULL, 0, 50);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return say(err, room, "command", "it took longer than 20 s");
}

/* The message is data on its standard input: nothing of it becomes an argument. */
static bool send_command(const struct notify_sinks *s, const struct notify_message *m, char *err, size_t room)
{
	char text[TEXT];
	int ends[2];
	size_t n = notify_json(m, text, sizeof(text) - 1);
	text[n++] = '\n';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return say(err, room, "command", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[0], STDIN_FILENO);
		execv(s->command[0], (char *const *)(uintptr_t)s->command);
		_exit(127);
	}
	close(ends[0]);
	/* a pipe holds 64 kB: this does not wait for the reader */
	bool ok = child > 0 && write(ends[1], text, n) == (ssize_t)n;
	if (!ok)
		say(err, room, "command", strerror(errno));
	close(ends[1]);
	return child > 0 && bury(child, err, room) && ok;
}

bool notify_send(const struct notify_sinks *sinks, const struct notify_message *m, unsigned *taken, char *err,
		 size_t room)
{
	const struct {
		bool used;
		bool (*send)(const struct notify_sinks *s, const struct notify_message *m, char *err, size_t room);
	} all[] = { { sinks->mail.server != NULL, send_mail },
		    { sinks->webhook != NULL, send_webhook },
		    { sinks->syslog != NULL, send_syslog },
		    { sinks->command != NULL, send_command } };
	bool ok = true;
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].used || (*taken & 1u << i))
			continue;
		if (all[i].send(sinks, m, err, room))
			*taken |= 1u << i;
		else
			ok = false;
	}
	return ok;
}
