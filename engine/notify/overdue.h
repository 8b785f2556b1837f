/* overdue - what is grave and nobody has acknowledged in time is told once more (HLT-06). */
#ifndef NOTIFY_OVERDUE_H
#define NOTIFY_OVERDUE_H

#include "notify/notify.h"

struct overdue;

struct overdue *overdue_new(const struct notify_config *config); /* borrows it */
void overdue_free(struct overdue *o);

/*
 * Reads what is new of alerts and of what people did, and tells what is overdue now. That it was told is kept in Redis:
 * a restart tells nothing twice. false: err tells (Redis); a sink's trouble is told, and tried again by the next call.
 */
bool overdue_check(struct overdue *o, uint64_t *told, char *err, size_t room);

#endif
