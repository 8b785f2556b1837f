/* deed - what a person does to an alert, written into their own stream. */
#include <stdio.h>
#include <string.h>

#include "cli/board.h"
#include "cli/deed.h"
#include "deliver/refusal.h"

static bool say(char *err, size_t room, const char *what)
{
	snprintf(err, room, "%s", what);
	return false;
}

/* What cannot be meant is refused before anything is written. */
static bool is_sound(const struct cli_deed_made *d, char *err, size_t room)
{
	const struct cli_standing *now = &d->alert->now;
	if (d->verdict && !cli_is_verdict(d->verdict))
		return say(err, room, "a verdict is one of true, false, benign, unknown");
	if ((d->deed == CLI_ACK || d->deed == CLI_CLOSE) && !d->verdict && !(d->deed == CLI_CLOSE && now->verdict))
		return say(err, room, "a verdict is needed: true, false, benign, unknown");
	if (d->deed == CLI_NOTE && !(d->note && *d->note))
		return say(err, room, "the note is empty");
	if (d->deed == CLI_EXEMPT && (d->days < 1 || d->days > CLI_EXEMPT_DAYS))
		return say(err, room, "an exemption is for 1 to 90 days");
	if (d->deed == CLI_EXEMPT && strlen(d->note ? d->note : "") < CLI_EXEMPT_WHY)
		return say(err, room, "an exemption needs its reason, 8 characters at least");
	if (d->deed == CLI_EXEMPT && !d->alert->key[0])
		return say(err, room, "its rule has no key: an exemption would be of the whole rule (rules.observe)");
	if (d->deed == CLI_UNDO && strcmp(d->alert->head, "-") == 0)
		return say(err, room, "there is nothing to undo");
	if (d->deed == CLI_CLOSE && now->closed)
		return say(err, room, "it is closed already");
	if ((d->deed == CLI_ASSIGN || d->deed == CLI_ESCALATE) && d->to && !toc_route_sound(d->to))
		return say(err, room, "a person or a route is of a-z, 0-9, point and hyphen");
	if (d->deed == CLI_ESCALATE && !d->to)
		return say(err, room, "escalate to which route? (da)");
	return true;
}

bool cli_deed_write(struct toc_asker *redis, const char *uid, const struct cli_deed_made *d, char *err, size_t room)
{
	char key[256], rev[16], days[16] = "", words[160];
	const char *argv[24];
	int n = 0;
	if (!is_sound(d, err, room))
		return false;
	snprintf(key, sizeof(key), "{tocsin}:state:%s:%s", d->alert->route, uid);
	snprintf(rev, sizeof(rev), "%u", d->alert->rev);
	const char *const head[] = {
		"XADD", key,	       "*", "v", "1", "id", d->alert->id, "rev", rev, "do", cli_deed_names[d->deed],
		"on",	d->alert->head
	};
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		argv[n++] = head[i];
	if (d->deed == CLI_EXEMPT)
		snprintf(days, sizeof(days), "%u", d->days);
	const char *const more[][2] = {
		{ "verdict", d->verdict }, { "to", d->to }, { "note", d->note }, { "days", days }
	};
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i][1] && *more[i][1]) {
			argv[n++] = more[i][0];
			argv[n++] = more[i][1];
		}
	redisReply *r = toc_ask(redis, n, argv, NULL);
	bool ok = r && r->type == REDIS_REPLY_STRING;
	if (!r)
		snprintf(err, room, "Redis: %s", toc_asker_trouble(redis));
	else if (!ok) {
		toc_refusal_words(r->type == REDIS_REPLY_ERROR ? r->str : "no id", words, sizeof(words));
		snprintf(err, room, "%s: %s; nothing was written", key, words);
	}
	freeReplyObject(r);
	return ok;
}
