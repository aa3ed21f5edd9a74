// SPDX-License-Identifier: GPL-2.0-only
/*
 * A name that sysfs has already: sysfs_warn_dup() of fs/sysfs/dir.c dumps a stack, which is no WARN() and so no trap. Its
 * own code goes on, and logs; here the judges are told.
 */
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include "host.h"

extern void orig_sysfs_warn_dup(struct kernfs_node *parent, const char *name);
void sysfs_warn_dup(struct kernfs_node *parent, const char *name);

void sysfs_warn_dup(struct kernfs_node *parent, const char *name)
{
	char path[128], text[256];

	kernfs_path(parent, path, sizeof(path));
	snprintf(text, sizeof(text), "sysfs: cannot create duplicate filename '%s/%s'", path, name);
	host_name_taken(text);
	orig_sysfs_warn_dup(parent, name);
}
