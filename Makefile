# SPDX-License-Identifier: GPL-2.0-only
# kfail. `make help` lists the targets. Options are variables, here and in config.mk if there is one:
#	make CC=clang OPT=-O0 BUILD=build/debug

-include config.mk

VERSION  := 0.1.0
ifeq ($(origin CC),default)
CC       := gcc
endif
OPT      ?= -O2
SANITIZE ?=
COVERAGE ?=
BUILD    ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
JOBS     ?= $(shell nproc)
# The kernel that the tests and `make run` take.
export KERNEL ?= 6.1.0-56-amd64
# What was fetched and built once is kept here, outside $(BUILD), so that `make clean` does not lose it.
export KFAIL_CACHE ?= $(CURDIR)/.cache
export KFAIL := $(abspath $(BUILD))/kfail

WARN     := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
SANITIZERS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
COUNTERS := $(if $(COVERAGE),--coverage -fprofile-update=atomic)
CFLAGS   := -std=gnu11 $(OPT) -g -fno-omit-frame-pointer $(WARN) -D_GNU_SOURCE $(SANITIZERS) $(COUNTERS)
LDFLAGS  := -rdynamic -Wl,-z,now $(SANITIZERS)
ifneq ($(COVERAGE),)
LDFLAGS  += $(COUNTERS) -Wl,--wrap=_exit
endif
LDLIBS   := -ldw -lelf -lunwind -ljansson -lxml2 -lxxhash -lsqlite3 -llzma -lzstd -lz -lkmod -lZydis -lpthread -ldl

# What runs a driver or a program without a kernel, and what only the command needs. harness/world/override/ is not
# among them: kbuild compiles it at run time, against the headers of the kernel that is booted.
LIB_SRCS := $(wildcard allocator/*/*.c $(foreach room,native instrument inject judge kmemleak memcheck trace,harness/$(room)/*.c))
# Fuzz targets; what another program than the command has in their place stays out.
FUZZ_SRCS := $(filter-out fuzz/engine/libfuzzer.c fuzz/mutator/%,$(wildcard fuzz/*.c fuzz/*/*.c))
CMD_SRCS := $(wildcard harness/world/*.S $(foreach room,world program snapshot store sweep cli,harness/$(room)/*.c) reports/*.c) \
	$(FUZZ_SRCS)
object    = $(addprefix $(BUILD)/obj/,$(addsuffix .o,$(basename $(1))))
LIB_OBJS := $(call object,$(LIB_SRCS))
COUNTED  := $(if $(COVERAGE),$(call object,tests/coverage/flush.c))
CMD_OBJS := $(call object,$(CMD_SRCS)) $(COUNTED)
# The library for programs: harness/library/ stands in the place of the judges and of what loads and runs a driver.
LIBRARY_OBJS := $(call object,$(wildcard allocator/*/*.c harness/kmemleak/*.c) \
	$(filter-out harness/trace/instruction.c,$(wildcard harness/trace/*.c)) \
	$(filter-out harness/library/bytes.c,$(wildcard harness/library/*.c)) \
	$(filter-out $(addprefix harness/native/,callpoints.c entries.c compile.c compiler.c fault.c instrument.c load.c names.c native.c run.c syscall.c walk.c), \
	$(wildcard harness/native/*.c)) harness/judge/finding.c harness/judge/stack.c harness/judge/lock_facts.c)
# Names that are the library's own business; all others are the kernel's, or begin with kf_, kfail_ or native_.
PRIVATE := 'depot_*' 'dwarf_*' 'finding_*' 'judge_*' 'kernel_resolve' 'kml_*' 'ksym_*' 'leaks_*' 'module_resolve' \
	'not_judged_*' 'orc_*' 'reach_*' 'report_*' 'sanitizer_*' 'stack_*' 'sweep_*' 'symbols_*' 'table_resolve'

# One line for each file that is made; V=1: the whole command.
quiet = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$@';)

# The command that AFL++ can drive a driver in: the same objects, and AFL++'s runtime where it is installed.
AFL_RUNTIME ?= $(wildcard /usr/lib/afl/afl-compiler-rt.o)
all: $(BUILD)/kfail $(if $(AFL_RUNTIME),$(BUILD)/kfail-afl $(BUILD)/libkfail-mutate-driver.so) $(BUILD)/libkfail.a $(BUILD)/libkfail-malloc.so

# Flags that a room needs for some of its files: $(call object,FILE.c): CFLAGS += ...
include $(wildcard harness/*/flags.mk)
$(call object,reports/junit.c reports/sarif.c tests/reports/test_junit.c): CFLAGS += -I/usr/include/libxml2
$(call object,tests/reports/test_junit.c): CFLAGS += -DJUNIT_XSD='"$(CURDIR)/tests/reports/junit.xsd"'
$(call object,$(wildcard tests/fuzz/*.c)): CFLAGS += -DFUZZ_DIR='"$(CURDIR)/fuzz"'
$(call object,harness/cli/main.c harness/world/build.c): CFLAGS += -DKFAIL_VERSION='"$(VERSION)"' \
	-DKFAIL_OVERRIDE_DIR='"$(CURDIR)/harness/world/override"'

# One object, so that whoever uses any of it also has the constructor that starts the world; and bytes.c, which says
# why calls of these four go there.
BYTES := memset memcpy memmove memcmp
$(BUILD)/libkfail.a: $(LIBRARY_OBJS) $(call object,harness/library/bytes.c)
	$(call quiet,AR)$(LD) -r -o $(BUILD)/library.o $(LIBRARY_OBJS)
	@objcopy --wildcard $(addprefix --localize-symbol=,$(PRIVATE)) $(BUILD)/library.o
	@objcopy $(foreach name,$(BYTES),--redefine-sym $(name)=kfail_$(name)) $(BUILD)/library.o
	@rm -f $@ && ar rcs $@ $(BUILD)/library.o $(call object,harness/library/bytes.c)

# malloc() of any program, for LD_PRELOAD: the allocators alone, compiled to be in a shared library.
PRELOAD_OBJS := $(patsubst %.c,$(BUILD)/pic/%.o,$(wildcard allocator/*/*.c harness/preload/*.c))
$(BUILD)/libkfail-malloc.so: $(PRELOAD_OBJS)
	$(call quiet,LD)$(CC) -shared -Wl,-z,now -Wl,-Bsymbolic -o $@ $^ -lpthread

$(BUILD)/pic/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(filter-out -fsanitize% -fno-sanitize%,$(CFLAGS)) -fPIC -fvisibility=hidden -ftls-model=initial-exec \
		-fno-builtin-malloc -MMD -MP -c -o $@ $<

$(BUILD)/kfail: $(CMD_OBJS) $(LIB_OBJS)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/kfail-afl: $(CMD_OBJS) $(LIB_OBJS) $(AFL_RUNTIME)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# AFL++ loads it; it needs nothing of kfail.
$(BUILD)/libkfail-mutate-driver.so: $(BUILD)/pic/fuzz/driver/mutator.o
	$(call quiet,LD)$(CC) -shared -Wl,-z,now -o $@ $^

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.S $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Changes when the compiler or its options do, so that all is compiled again.
$(BUILD)/flags: export FLAGS = $(CC) $(CFLAGS) $(LDFLAGS)
$(BUILD)/flags: force
	@mkdir -p $(@D) && { echo "$$FLAGS" | cmp -s - $@ || echo "$$FLAGS" > $@; }

# ---- tests: one CUnit program for each folder of tests/ with a main.c ----

ROOMS     := $(filter-out mutation,$(patsubst tests/%/main.c,%,$(wildcard tests/*/main.c)))
TEST_OBJS := $(filter-out $(call object,harness/cli/main.c),$(LIB_OBJS) $(CMD_OBJS))
TESTS     := $(addprefix $(BUILD)/tests/,$(ROOMS))
# Those that run without a kernel are run again with sanitizers, those without planted faults also under valgrind.
SANITIZED := $(filter fuzzdriver allocator fuzz kmemleak native trace reports inject judge sweep program,$(ROOMS))
VALGRIND  := $(filter allocator inject trace,$(ROOMS))

# The allocators are a library of their own, and are tested as one; the random tests share the fuzz target's model.
ALONE_allocator := $(call object,$(wildcard allocator/*/*.c) fuzz/allocator/model.c) $(COUNTED)

# The mutator is no part of the command.
ALSO_fuzz := $(call object,$(filter-out %/afl.c,$(wildcard fuzz/mutator/*.c)))

define room
$(BUILD)/tests/$(1): $(call object,$(wildcard tests/$(1)/*.c)) $(or $(ALONE_$(1)),$(TEST_OBJS)) $(ALSO_$(1))
	@mkdir -p $$(@D)
	$$(call quiet,LD)$$(CC) $$(LDFLAGS) -o $$@ $$^ -lcunit $$(LDLIBS)
endef
$(foreach name,$(ROOMS),$(eval $(call room,$(name))))

# Programs that check kernel mode; tests/run-kernel.sh runs them.
CHECKS := $(addprefix $(BUILD)/tests/,verdicts poison calls passes scans catalogue)
$(BUILD)/tests/calls: LDLIBS += -lbpf
BENCH  := $(addprefix $(BUILD)/tests/,runs teach alloc planted kill scale dirty restore scan bookkeeping inputs fuzz_driver)
$(CHECKS): $(BUILD)/tests/%: $(BUILD)/obj/tests/kernel/%.o $(TEST_OBJS)
$(BENCH): $(BUILD)/tests/%: $(BUILD)/obj/tests/bench/%.o $(TEST_OBJS)
$(BUILD)/tests/scan: LDLIBS += -lm
$(CHECKS) $(BENCH):
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The mutation score: a tool of its own, which runs the kfail command.
MUTATION := $(call object,$(filter-out %/mark.c,$(wildcard tests/mutation/*.c)))
$(MUTATION): CFLAGS += -I/usr/lib/llvm-14/include -DMUTATION_DIR='"$(CURDIR)/tests/mutation"'
$(BUILD)/tests/mutation: $(MUTATION) $(COUNTED)
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ -L/usr/lib/llvm-14/lib -lclang-14 -ljansson -lxxhash

# Where libclang is installed, the mutation score is tested too, and where AFL++ is, campaigns.
tests: $(if $(shell command -v afl-clang-fast),fuzz-targets) $(TESTS) $(CHECKS) $(BUILD)/tests/planted $(BUILD)/tests/kill \
	$(if $(wildcard /usr/lib/llvm-14/include/clang-c/Index.h),$(BUILD)/tests/mutation)

test: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all tests
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/asan OPT=-O1 SANITIZE=address,undefined \
		$(addprefix $(BUILD)/asan/tests/,$(SANITIZED))
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/tsan OPT=-O1 SANITIZE=thread \
		$(BUILD)/tsan/tests/allocator
	@tests/run.sh $(BUILD)/tests $(TESTS) $(addprefix $(BUILD)/asan/tests/,$(SANITIZED)) \
		$(patsubst %,$(BUILD)/tsan/tests/allocator=%,threads plain) \
		$(patsubst %,valgrind:$(BUILD)/tests/%,$(VALGRIND))

# The kernel's own tests, from Debian's sources (fetched once, 140 MB). A part of `make test`.
test-kernel: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all $(BUILD)/tests/scans
	@tests/kernel/run.sh

# How many of the bugs that one wrong line makes in real drivers are reported: hours on one CPU, and goes on where it was
# interrupted. MUTATE='--jobs 2 --every 5 vpoll' chooses.
mutation: deps
	@tests/deps.sh $(MUTATION_PACKAGES)
	@$(MAKE) --no-print-directory -j$(JOBS) all $(BUILD)/tests/mutation
	@$(BUILD)/tests/mutation --json $(BUILD)/mutation.json $(MUTATE)

# What the kernel itself sees of tests/catalogue: two User Mode Linux kernels are built once, and each module booted three times.
catalogue-kernel: deps
	@tests/deps.sh $(UML_PACKAGES)
	@tests/catalogue/kernel.sh

# A sweep on a cluster: Slurm's daemons are started here, and under GNU parallel. A part of `make test` where they are at hand.
test-slurm: deps
	@tests/deps.sh $(SLURM_PACKAGES)
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/slurm.sh

# ---- fuzzing: the same program, compiled so that AFL++ or libFuzzer can drive it (fuzz/README.md) ----

FUZZ_PACKAGES := afl++ clang rsync
fuzz-deps: deps
	@tests/deps.sh $(FUZZ_PACKAGES)

# A campaign of a minute on all cores, from the seeds of corpus/: fails when anything is found.
FUZZ_TARGET  ?= allocator
FUZZ_SECONDS ?= 60
fuzz: fuzz-targets
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@rm -rf $(BUILD)/campaign/$(FUZZ_TARGET)
	@$(BUILD)/kfail campaign start $(BUILD)/campaign/$(FUZZ_TARGET) --foreground --seconds $(FUZZ_SECONDS) \
		--jobs $(JOBS) -- --target $(FUZZ_TARGET)

# AFL++'s compiler reads its list from the environment.
fuzz-targets fuzz-asan: export AFL_LLVM_DENYLIST := $(CURDIR)/fuzz/uninstrumented.list
fuzz-targets fuzz-asan: export AFL_QUIET := 1
fuzz-targets: fuzz-deps
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/fuzz CC=afl-clang-fast $(BUILD)/fuzz/kfail
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/libkfail-mutator.so
fuzz-asan: fuzz-deps
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/fuzz-asan CC=afl-clang-fast OPT=-O1 \
		SANITIZE=address,undefined $(BUILD)/fuzz-asan/kfail
fuzz-libfuzzer: fuzz-deps
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/libfuzzer CC=clang OPT=-O1 \
		SANITIZE=fuzzer-no-link,address,undefined $(BUILD)/libfuzzer/kfail-fuzz

# For tests/bench/fuzz.sh: a mutator that changes nothing.
$(BUILD)/tests/same.so: $(BUILD)/pic/tests/bench/same.o
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) -shared -o $@ $^

# The custom mutator of AFL++, compiled as any shared library.
MUTATOR_OBJS := $(patsubst %.c,$(BUILD)/pic/%.o,$(wildcard fuzz/mutator/*.c fuzz/input/*.c) fuzz/allocator/calls.c fuzz/canary/calls.c harness/inject/schedule.c)
$(BUILD)/libkfail-mutator.so: $(MUTATOR_OBJS)
	$(call quiet,LD)$(CC) -shared -Wl,-z,now -o $@ $^ -lxxhash

# What is not under test shall neither cost time nor pass for coverage (and ifuncs make AFL++'s pass crash); which frames have a
# second mapping is a fact about the host, which no restore changes.
UNINSTRUMENTED := fuzz/% reports/% allocator/core/mapping% \
	$(addprefix harness/,$(addsuffix /%,cli memcheck native program snapshot sweep trace))
$(addprefix $(BUILD)/obj/,$(UNINSTRUMENTED)): override CC := $(patsubst afl-clang-fast,clang,$(CC))

# The canary is code under test, as the allocators are.
$(BUILD)/obj/fuzz/canary/%: override CC := $(CC)

$(BUILD)/kfail-fuzz: $(filter-out $(call object,harness/cli/main.c),$(CMD_OBJS) $(LIB_OBJS)) $(call object,fuzz/engine/libfuzzer.c)
	$(call quiet,LD)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

# ---- for people ----

# Which lines of allocator/ and harness/ the tests reach, in $(BUILD)/coverage/index.html; fails where the allocators' share is
# too small.
coverage: deps
	@tests/deps.sh $(COVERAGE_PACKAGES)
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/gcov OPT=-O0 COVERAGE=1 all tests
	@tests/coverage.sh $(BUILD)/gcov $(BUILD)/coverage

run: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/run-demo.sh

bench: deps
	@tests/deps.sh $(BENCH_PACKAGES)
	@$(MAKE) --no-print-directory -j$(JOBS) all $(BENCH)
	@tests/bench/run.sh
	@tests/bench/scale.sh
	@tests/bench/alloc.sh
	@tests/bench/tracked.sh
	@$(MAKE) --no-print-directory fuzz-targets $(BUILD)/tests/same.so
	@tests/bench/fuzz.sh

# libssl3 is for the kernel's own build tools, gcc-12 is the compiler that Debian builds its kernel with.
PACKAGES := gcc gcc-12 make libdw-dev libelf-dev libunwind-dev libjansson-dev libxml2-dev libsqlite3-dev libxxhash-dev liblzma-dev \
	    libzstd-dev zlib1g-dev libkmod-dev libzydis-dev kmod libssl3 libcunit1-dev valgrind gdb xz-utils \
	    pkg-config binutils trace-cmd libbpf-dev python3-jsonschema
# What `make bench` measures and compares with.
BENCH_PACKAGES := time libmimalloc2.0 libjemalloc2 heaptrack
# What finds the mutants of a driver in its source.
MUTATION_PACKAGES := libclang-14-dev patch
# A User Mode Linux.
UML_PACKAGES := flex bison bc libelf-dev gcc-12
# A cluster on one machine.
SLURM_PACKAGES := slurm-wlm munge parallel sqlite3 libxml2-utils python3
# Which lines ran.
COVERAGE_PACKAGES := gcovr
deps:
	@tests/deps.sh $(PACKAGES)

SOURCES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
SCRIPTS := $(shell git ls-files '*.sh' .ci/run 2>/dev/null)

fmt:
	clang-format -i $(SOURCES)

lint:
	clang-format --dry-run -Werror $(SOURCES)
	shellcheck -x $(SCRIPTS)
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=$(BUILD)/clang all tests

SHARE := $(DESTDIR)$(PREFIX)/share/kfail
install: all
	install -D -m 755 $(BUILD)/kfail $(DESTDIR)$(PREFIX)/bin/kfail
	$(if $(AFL_RUNTIME),install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/kfail-afl $(BUILD)/libkfail-mutate-driver.so)
	install -D -m 644 $(BUILD)/libkfail.a $(DESTDIR)$(PREFIX)/lib/libkfail.a
	install -D -m 755 $(BUILD)/libkfail-malloc.so $(DESTDIR)$(PREFIX)/lib/libkfail-malloc.so
	cd allocator && for h in $(filter-out %state.h %base.h,$(patsubst allocator/%,%,$(wildcard allocator/*/*.h))); do install -D -m 644 $$h $(abspath $(DESTDIR)$(PREFIX))/include/kfail/$$h; done
	install -D -m 755 -t $(SHARE)/ci $(wildcard reports/ci/*.sh) fuzz/campaign/kfail-campaign.sh
	cd corpus && find . -name '*.kfuzz' -exec install -D -m 644 {} $(abspath $(SHARE))/corpus/{} \;
	install -D -m 644 -t $(SHARE)/ci $(wildcard reports/ci/*.c reports/ci/*.yml)
	install -D -m 644 -t $(SHARE)/override harness/world/override/Kbuild \
		$(wildcard $(addprefix harness/world/override/,*.c *.h *.S))
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' harness/library/kfail.pc.in >$(BUILD)/kfail.pc
	install -D -m 644 $(BUILD)/kfail.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/kfail.pc
	install -D -m 644 -t $(SHARE)/scenario/kfail harness/program/include/kfail/scenario.h
	install -D -m 644 -t $(SHARE)/instrument harness/instrument/include/kasan.h
	cd harness/native/include && find . -type f -exec install -D -m 644 {} $(abspath $(SHARE))/native/{} \;

clean:
	rm -rf $(BUILD)

help:
	@echo 'make           build $(BUILD)/kfail, $(BUILD)/libkfail.a and $(BUILD)/libkfail-malloc.so'
	@echo 'make run       install what is missing, build, sweep a demonstration and real drivers'
	@echo 'make test      all tests: suites, sanitizers, valgrind, drivers with planted bugs, real modules'
	@echo 'make test-kernel  only the kernel'"'"'s own tests, from Debian'"'"'s linux-source-6.1'
	@echo 'make catalogue-kernel  what slub_debug, KASAN and kmemleak of the kernel see of tests/catalogue'
	@echo 'make test-slurm  a sweep on a cluster of this machine: Slurm, and GNU parallel'
	@echo 'make mutation  the mutation score of real drivers; MUTATE="--every 5 vpoll": a sample of one'
	@echo 'make fuzz      a minute of AFL++ on all cores; FUZZ_TARGET=allocator FUZZ_SECONDS=60'
	@echo 'make coverage  lines and branches of allocator/ and harness/ that the tests reach, as HTML and lcov'
	@echo 'make fuzz-targets fuzz-asan  kfail for AFL++, plain and with AddressSanitizer; fuzz-libfuzzer: for libFuzzer'
	@echo 'make bench     measure: runs, boot, and the allocators beside glibc, mimalloc and jemalloc'
	@echo 'make deps      install the packages that are missing (Debian)'
	@echo 'make fmt lint  format the sources; check format, shell scripts, and the build with clang'
	@echo 'make install   to $$DESTDIR$$PREFIX ($(DESTDIR)$(PREFIX))'
	@echo 'make clean     remove $(BUILD); what was fetched stays in $(KFAIL_CACHE)'
	@echo 'Variables: V=1 (whole commands) CC OPT SANITIZE COVERAGE=1 BUILD PREFIX DESTDIR JOBS KERNEL KFAIL_CACHE'

force:
.PHONY: all tests test test-kernel test-slurm catalogue-kernel mutation coverage fuzz fuzz-deps fuzz-targets fuzz-asan fuzz-libfuzzer run bench
.PHONY: deps fmt lint install clean help force
.DELETE_ON_ERROR:
-include $(shell find $(BUILD)/obj $(BUILD)/pic -name '*.d' 2>/dev/null)
