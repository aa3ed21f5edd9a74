# SPDX-License-Identifier: GPL-2.0-only
# Errors of valgrind come as XML.
$(call object,harness/judge/accesses.c): CFLAGS += -I/usr/include/libxml2
