/* words - what a message says: counts, severities, rules, buildings and ids; no name and nothing of what happened. */
#include <stdio.h>
#include <string.h>

#include "alert/text.h"
#include "notify/notify.h"

static const char *const severities[] = { "?", "informational", "low", "medium", "high", "critical" };

static const char *severity_of(const struct notify_line *l)
{
	return severities[l->severity <= 5 ? l->severity : 0];
}

/* Printable ASCII: a mail's headers and a terminal take nothing else for granted. */
static const char *plain(const char *text, char *out, size_t room)
{
	size_t n = 0;
	for (; text[n] && n + 1 < room; n++)
		out[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
	out[n] = '\0';
	return out;
}

static size_t within(int n, size_t room)
{
	return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

size_t notify_subject(const struct notify_message *m, char *out, size_t room)
{
	char rule[128];
	const struct notify_line *top = &m->lines[0];
	if (m->test)
		return within(snprintf(out, room, "tocsin: this is a test (%s), nothing happened", severity_of(top)),
			      room);
	const char *late = m->overdue ? "not acknowledged: " : "";
	plain(top->rule, rule, sizeof(rule));
	if (m->n == 1)
		return within(snprintf(out, room, "tocsin: %s%s: %s", late, severity_of(top), rule), room);
	return within(
		snprintf(out, room, "tocsin: %s%u alerts, the gravest %s: %s", late, m->n, severity_of(top), rule),
		room);
}

size_t notify_body(const struct notify_message *m, char *out, size_t room)
{
	size_t n = 0;
	out[0] = '\0';
	if (m->test)
		n += within(snprintf(out, room,
				     "This is a test of the notification, of severity %s. Nothing happened.\r\n",
				     severity_of(&m->lines[0])),
			    room);
	if (m->overdue)
		n += within(snprintf(out, room, "Nobody has acknowledged in time:\r\n"), room);
	for (unsigned i = 0; !m->test && i < m->n && i < NOTIFY_SHOWN; i++) {
		char rule[128], building[64];
		const struct notify_line *l = &m->lines[i];
		n += within(snprintf(out + n, room - n, "%-13s %s%s%s  (%.8s)\r\n", severity_of(l),
				     plain(l->rule, rule, sizeof(rule)), l->building[0] ? ", " : "",
				     plain(l->building, building, sizeof(building)), l->id),
			    room - n);
	}
	if (m->n > NOTIFY_SHOWN)
		n += within(snprintf(out + n, room - n, "and %u more\r\n", m->n - NOTIFY_SHOWN), room - n);
	return n + within(snprintf(out + n, room - n, "\r\nWho and what: tocsin alerts\r\n"), room - n);
}

size_t notify_json(const struct notify_message *m, char *out, size_t room)
{
	struct text t = { 0 };
	text_puts(&t, m->test ? "{\"test\":true" : "{\"test\":false");
	text_puts(&t, m->overdue ? ",\"overdue\":true,\"alerts\":[" : ",\"overdue\":false,\"alerts\":[");
	for (unsigned i = 0; i < m->n && i < NOTIFY_SHOWN; i++) {
		text_puts(&t, i ? ",{" : "{");
		json_puts(&t, "id", m->lines[i].id);
		json_number(&t, "severity", m->lines[i].severity);
		json_puts(&t, "rule", m->lines[i].rule);
		json_puts(&t, "building", m->lines[i].building);
		text_puts(&t, "}");
	}
	text_puts(&t, "]");
	json_number(&t, "more", m->n > NOTIFY_SHOWN ? m->n - NOTIFY_SHOWN : 0);
	text_puts(&t, "}");
	int n = snprintf(out, room, "%.*s", (int)t.n, t.p);
	text_free(&t);
	return within(n, room);
}
