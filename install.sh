#!/bin/sh
# Installs eca, without Rust and without sudo: downloads the archive for this machine, compares its
# SHA-256 checksum, and puts the program into a folder.
#
#     sh install.sh [--version 0.1.0] [--to DIR] [--checksum SHA256] [--downloads DIR]
#                   [--base-url URL] [--dry-run]
#
# It needs curl, tar, gzip, and sha256sum or shasum. Exit codes: 0 installed, 1 refused (a wrong
# checksum, a program that does not run here), 3 wrong usage, 7 nothing could be downloaded.

set -eu
# A range such as a-z has other letters elsewhere.
LC_ALL=C
export LC_ALL

usage() {
    cat <<'END'
Usage: sh install.sh [OPTIONS]

  --version VERSION  the version, such as 0.1.0 [default: the latest]
  --to DIR           where the program goes [default: ~/.local/bin]
  --checksum SHA256  the checksum of the archive [default: the one that the release has]
  --downloads DIR    keep the archive here, and use it again while its checksum is right
  --base-url URL     a mirror [default: https://github.com/eca-rs/eca/releases]
  --dry-run          print the address of the archive and end
END
}

# A value that is refused is not repeated: it may be a stranger's, and on a terminal or in the log of a
# pipeline some values are commands.
fail() {
    code=$1
    shift
    printf 'install.sh: %s\n' "$*" >&2
    exit "$code"
}

# The name that the archive has for this machine; none where the release has no archive.
target() {
    case $(uname -s)-$(uname -m) in
        Linux-x86_64) echo x86_64-unknown-linux-gnu ;;
        Linux-aarch64) echo aarch64-unknown-linux-gnu ;;
        Darwin-arm64) echo aarch64-apple-darwin ;;
        MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64) echo x86_64-pc-windows-msvc ;;
    esac
}

# Whether all characters of $1 are those of the set $2, and there is one.
consists_of() {
    case $1 in
        '' | *[!$2]*) return 1 ;;
    esac
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sum=$(sha256sum <"$1")
    else
        sum=$(shasum -a 256 <"$1")
    fi
    echo "${sum%% *}"
}

# Downloads $1 to the file $2 of at most $3 bytes; $4 is the protocol.
download() {
    curl --fail --silent --show-error --location --proto "=$4" --proto-redir "=$4" \
        --connect-timeout 20 --max-time 600 --retry 2 --max-filesize "$3" \
        --output "$2" "$1" || fail 7 "cannot download $1"
}

# The checksum of the file $2 in the list $1, which sha256sum printed.
listed() {
    while read -r sum name; do
        if [ "$name" = "$2" ]; then
            echo "$sum"
        fi
    done <"$1"
}

main() {
    version='' to='' checksum='' downloads='' dry=''
    base=https://github.com/eca-rs/eca/releases
    while [ $# -gt 0 ]; do
        case $1 in
            --help | -h)
                usage
                exit 0
                ;;
            --dry-run)
                dry=yes
                shift
                continue
                ;;
            --version | --to | --checksum | --downloads | --base-url) ;;
            *) fail 3 'an unknown option; sh install.sh --help lists them' ;;
        esac
        [ $# -gt 1 ] || fail 3 "$1 needs a value"
        case $1 in
            --version) version=$2 ;;
            --to) to=$2 ;;
            --checksum) checksum=$2 ;;
            --downloads) downloads=$2 ;;
            --base-url) base=${2%/} ;;
        esac
        shift 2
    done

    case $version in
        '') ;;
        *..* | [!0-9]*) fail 3 '--version: not a version; give one such as 0.1.0' ;;
        *) consists_of "$version" '0-9A-Za-z.-' ||
            fail 3 '--version: not a version; give one such as 0.1.0' ;;
    esac
    if [ -n "$checksum" ]; then
        { consists_of "$checksum" '0-9a-f' && [ ${#checksum} = 64 ]; } ||
            fail 3 '--checksum: not a SHA-256 checksum, which is 64 of the digits 0-9 and a-f'
    fi
    consists_of "$base" '0-9A-Za-z.:/_~-' || fail 3 '--base-url: not an address'
    case $base in
        https://*) protocol=https ;;
        # Nobody else can answer on this machine's own address.
        http://127.0.0.1:* | http://localhost:*) protocol=http ;;
        *) fail 3 '--base-url: an address begins with https://' ;;
    esac
    target=$(target)
    [ -n "$target" ] ||
        fail 1 'there is no archive for this machine: install Rust, then cargo install --locked eca-cli'

    archive=eca-$target.tar.gz
    if [ -n "$version" ]; then
        address=$base/download/v$version
    else
        address=$base/latest/download
    fi
    if [ -n "$dry" ]; then
        echo "$address/$archive"
        exit 0
    fi

    for tool in curl tar gzip mktemp; do
        command -v "$tool" >/dev/null || fail 1 "$tool is missing: install it first"
    done
    command -v sha256sum >/dev/null || command -v shasum >/dev/null ||
        fail 1 'sha256sum and shasum are missing: install one of them first'

    if [ -z "$to" ]; then
        [ -n "${HOME:-}" ] || fail 3 'HOME is not set: name a folder with --to'
        to=$HOME/.local/bin
    fi
    program=eca
    case $target in
        *windows*)
            program=eca.exe
            # tar takes the colon of C:\ for that of a remote host.
            to=$(cygpath -u "$to")
            [ -z "$downloads" ] || downloads=$(cygpath -u "$downloads")
            ;;
    esac
    for folder in "$to" ${downloads:+"$downloads"}; do
        mkdir -p -- "$folder" || fail 1 'cannot make a folder that --to or --downloads names'
    done
    [ ! -d "$to/$program" ] || fail 1 "$to/$program is a folder: remove it"
    # Beside the program, so that the last step is a rename: there is never half a program.
    work=$(mktemp -d -- "$to/.eca-install.XXXXXX") || fail 1 "cannot write to $to: name a folder with --to"
    trap 'rm -rf -- "$work"' EXIT
    trap 'exit 130' INT TERM HUP

    if [ -z "$checksum" ]; then
        download "$address/eca-$target.sha256" "$work/sums" 65536 "$protocol"
        checksum=$(listed "$work/sums" "$archive")
        { consists_of "$checksum" '0-9a-f' && [ ${#checksum} = 64 ]; } ||
            fail 1 "$address/eca-$target.sha256 has no checksum of $archive"
    fi
    file=$work/$archive
    if [ -n "$downloads" ]; then
        kept=$downloads/$archive
        if [ -f "$kept" ] && [ "$(sha256 "$kept")" = "$checksum" ]; then
            cp -- "$kept" "$file"
        fi
    fi
    if [ ! -f "$file" ]; then
        download "$address/$archive" "$file" 104857600 "$protocol"
    fi
    sum=$(sha256 "$file")
    [ "$sum" = "$checksum" ] ||
        fail 1 "wrong checksum: $address/$archive has $sum, expected $checksum; nothing was installed"

    tar -xzf "$file" -C "$work" "eca-$target/$program" || fail 1 "$archive has no eca-$target/$program"
    new=$work/eca-$target/$program
    runs=$("$new" -V) || fail 1 "eca does not run here; on Linux it needs glibc 2.34:" \
        'install Rust, then cargo install --locked eca-cli'
    [ -z "$version" ] || [ "$runs" = "eca $version" ] ||
        fail 1 "the archive of this version has another one; nothing was installed"
    mv -f -- "$new" "$to/$program" || fail 1 "cannot write $to/$program; nothing was installed"
    [ -z "$downloads" ] || mv -f -- "$file" "$kept" || fail 1 "cannot write $kept"
    printf 'installed %s as %s/%s\n' "$runs" "$to" "$program"
    case :$PATH: in
        *:"$to":*) ;;
        *) printf 'it is not on the PATH yet: add %s\n' "$to" ;;
    esac
}

# All of it is read before anything happens, even when the download of this file was cut.
main "$@"
