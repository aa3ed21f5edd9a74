/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a driver can be asked, found out from itself.
 */
#ifndef KFAIL_FUZZ_DRIVER_DISCOVER_H
#define KFAIL_FUZZ_DRIVER_DISCOVER_H

#include "model.h"

struct target;

/*
 * With a target that has a program (execute.h): in a child of this process, look which files there are when the driver's init
 * is over that were not there before. Adds them to the model. 0, or -1 (err, 256 bytes): its init fails, and why.
 */
int discover_files(const struct target *target, unsigned timeout_ms, struct driver_model *model,
		   char *err);
/* Add the numbers of ioctls that this object file's code has. 0, or -1 (err, 256 bytes): it cannot be read. */
int discover_commands(const char *object, struct driver_model *model, char *err);

#endif
