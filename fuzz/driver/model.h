/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a driver can be asked: the files that it makes, the numbers of its ioctls, the families of its sockets. Found in the
 * driver itself (discover.c), or said by somebody who knows it, in a description:
 *
 *	# what stands behind a hash is a comment
 *	node /dev/foo
 *	ioctl 0x5e01 FOO_ADD
 *	socket 29 3 1				family, type, protocol
 *
 * Inputs in binary form name them by their places in these lists, so that a corpus belongs to a description.
 */
#ifndef KFAIL_FUZZ_DRIVER_MODEL_H
#define KFAIL_FUZZ_DRIVER_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define NODES_MAX    64
#define NODE_MAX     128 /* bytes of a path */
#define COMMANDS_MAX 512
#define FAMILIES_MAX 16

struct driver_model {
	bool plain; /* its world has only calls of character devices (native mode): others are not made */
	char nodes[NODES_MAX][NODE_MAX];
	unsigned node_count;
	struct command_number {
		uint32_t number;
		char name[48]; /* "": nobody has said */
	} commands[COMMANDS_MAX];
	unsigned command_count;
	struct family {
		uint32_t family, type, protocol;
	} families[FAMILIES_MAX];
	unsigned family_count;
};

/* Add what a description says; what is there already stays where it is. 0, or -1: err (256 bytes) names file, line and what is
 * wrong. */
int model_read(struct driver_model *model, const char *file, const char *text, char *err);
/* As a description. */
void model_print(const struct driver_model *model, FILE *out);
/* Each adds one, if it is new and there is room; false: there is none. */
bool model_add_node(struct driver_model *model, const char *path);
bool model_add_command(struct driver_model *model, uint32_t number, const char *name);
bool model_add_family(struct driver_model *model, uint32_t family, uint32_t type,
		      uint32_t protocol);
/* Places in the lists; -1: it is not there. */
int model_node(const struct driver_model *model, const char *path);
int model_command(const struct driver_model *model, uint32_t number);

#endif
