/* fold - how an alert stands after all that people did; board.c and the tests call it. */
#ifndef CLI_FOLD_H
#define CLI_FOLD_H

#include "cli/board.h"

/* From a->events to a->now, a->head, a->conflicts; sorts the events. */
void cli_fold(struct cli_alert *a);

#endif
