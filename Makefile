# SPDX-License-Identifier: GPL-2.0-only
# kfail. `make help` lists the targets; options are variables: make CC=clang SANITIZE=address,undefined
# BUILD=build/asan builds another flavour beside the first.

VERSION  := 0.1.0
CC       ?= gcc
OPT      ?= -O2
SANITIZE ?=
BUILD    ?= build
PREFIX   ?= /usr/local
KERNEL   ?= 6.1.0-56-amd64
# What was fetched and built once is kept here, outside $(BUILD), so that `make clean` does not lose it.
export KFAIL_CACHE ?= $(CURDIR)/.cache

WARN     := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
CFLAGS   := -std=gnu11 $(OPT) -g -fno-omit-frame-pointer $(WARN) -D_GNU_SOURCE \
	    -DKFAIL_VERSION='"$(VERSION)"' $(if $(SANITIZE),-fsanitize=$(SANITIZE))
LDFLAGS  := -rdynamic $(if $(SANITIZE),-fsanitize=$(SANITIZE))
LDLIBS   := -ldw -lelf -lunwind -ljansson -lxxhash -llzma -lzstd -lz -lkmod -lpthread -ldl

# What libkfail.a holds (native mode), and what only the command needs.
LIB_SRCS := $(wildcard allocator/*.c harness/native/*.c harness/inject/*.c harness/judge/*.c harness/trace/*.c)
CMD_SRCS := $(wildcard harness/world/*.c harness/world/*.S harness/sweep/*.c harness/cli/*.c reports/*.c)
LIB_OBJS := $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(LIB_SRCS))))
CMD_OBJS := $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(CMD_SRCS))))

all: $(BUILD)/kfail $(BUILD)/libkfail.a

$(BUILD)/libkfail.a: $(LIB_OBJS)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/kfail: $(CMD_OBJS) $(BUILD)/libkfail.a
	$(CC) $(LDFLAGS) -o $@ $(CMD_OBJS) -Wl,--whole-archive $(BUILD)/libkfail.a -Wl,--no-whole-archive $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

clean:
	rm -rf $(BUILD)

.PHONY: all clean
-include $(LIB_OBJS:.o=.d) $(CMD_OBJS:.o=.d)
