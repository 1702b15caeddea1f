"""The app in the browser: everything that knows HTTP, Streamlit or charts."""
